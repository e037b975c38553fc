//! The page of a tier.

use zenith_core::package::Tier;

use super::Page;
use crate::count::Count;
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::text::counted;

/// What a tier is, and how one comes to have something in it.
pub fn page(tier: Tier, packages: Count, symbols: u64, has_lockfile: bool, painter: &Painter) -> Page {
    let (title, what) = match tier {
        Tier::Public => {
            ("Public", "Released packages, in the exact versions that projects on this machine build on.")
        }
        Tier::Team => ("Team", "Packages that an organisation shares among its members."),
        Tier::Private => ("Private", "Your own code. It is indexed on this machine and only you find it."),
    };
    let empty = match (tier, has_lockfile) {
        (Tier::Team, _) => {
            "Sign in with an organisation to see its packages: `zenith login SERVICE`, then `zenith sync`. \
             `zenith push` shares yours."
        }
        (_, true) => "Packages appear here as they are indexed.",
        (_, false) => {
            "No Cargo.lock governs this folder. Start zenith inside a project, or index one with \
             `zenith index PATH`."
        }
    };
    let mut page = Builder::new(painter);
    page.title(&[painter.span(title, Role::Strong)]);
    page.blank();
    page.text(what, Role::Text);
    page.blank();
    if packages.all == 0 {
        page.text(empty, Role::Quiet);
    } else {
        page.text(&format!("{packages} with {}", counted(symbols, "symbol")), Role::Quiet);
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::super::super::paint::tests::painter;
    use super::*;

    #[test]
    fn an_empty_team_tier_says_how_to_join_one() {
        let page = page(Tier::Team, Count::default(), 0, true, &painter(60));
        let text: String = page.lines.iter().map(|line| format!("{line}\n")).collect();
        assert!(text.contains("Sign in with an organisation"), "{text}");
    }
}
