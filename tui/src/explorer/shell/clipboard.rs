//! Where copied text goes: to tmux where one is inside it, to the clipboard of the desktop where there is one. What
//! neither takes is left to the terminal.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// How long a program may take. One that waits for a display that is gone must not hold a copy back.
const PATIENCE: Duration = Duration::from_secs(2);

/// A program that takes what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clipboard {
    /// What it is, for people.
    pub name: &'static str,
    command: &'static [&'static str],
}

/// Inside tmux the terminal is tmux, which passes nothing on as it comes. `-w` also hands the buffer to the terminal
/// that tmux is in.
const TMUX: Clipboard = Clipboard { name: "tmux's buffer", command: &["tmux", "load-buffer", "-w", "-"] };

/// The clipboards of desktops, each with the variable without which there is none.
const DESKTOPS: &[(Option<&str>, Clipboard)] = &[
    (Some("WAYLAND_DISPLAY"), desktop(&["wl-copy"])),
    (Some("DISPLAY"), desktop(&["xclip", "-selection", "clipboard"])),
    (Some("DISPLAY"), desktop(&["xsel", "--clipboard", "--input"])),
    (None, desktop(&["pbcopy"])),
    (None, desktop(&["clip.exe"])),
];

const fn desktop(command: &'static [&'static str]) -> Clipboard {
    Clipboard { name: "the clipboard", command }
}

/// The clipboards that there are, as the environment tells: tmux first.
pub fn all(is_set: impl Fn(&str) -> bool, is_found: impl Fn(&str) -> bool) -> Vec<Clipboard> {
    // A display may be forwarded; a desktop without one is that of the machine, which is elsewhere.
    let is_remote = is_set("SSH_CONNECTION") || is_set("SSH_TTY");
    let is_there = |display: &Option<&str>| match display {
        Some(display) => is_set(display),
        None => !is_remote,
    };
    let tmux = Some(TMUX).filter(|_| is_set("TMUX"));
    let desktops = DESKTOPS.iter().filter(|(display, _)| is_there(display)).map(|(_, clipboard)| *clipboard);
    let found = |clipboard: &Clipboard| clipboard.command.first().is_some_and(|program| is_found(program));
    tmux.into_iter().chain(desktops).filter(found).collect()
}

/// Copies text to tmux, and to the first desktop that takes it. Returns it with the names of those that did.
pub async fn copy(text: String, clipboards: Vec<Clipboard>) -> (String, Vec<&'static str>) {
    let mut took: Vec<&'static str> = Vec::new();
    for clipboard in clipboards {
        if !took.contains(&clipboard.name) && takes(&clipboard, &text).await {
            took.push(clipboard.name);
        }
    }
    (text, took)
}

/// Whether a program took the text: it read all of it, and ended well.
async fn takes(clipboard: &Clipboard, text: &str) -> bool {
    let Some((program, arguments)) = clipboard.command.split_first() else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).kill_on_drop(true);
    // What it says would be written over the screen; who stays behind to serve the clipboard holds nothing of ours.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    let Some(mut input) = child.stdin.take() else { return false };
    let hand_over = async {
        input.write_all(text.as_bytes()).await?;
        drop(input);
        child.wait().await
    };
    matches!(tokio::time::timeout(PATIENCE, hand_over).await, Ok(Ok(status)) if status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(set: &[&str], found: &[&str]) -> Vec<&'static str> {
        let all = all(|name| set.contains(&name), |program| found.contains(&program));
        all.iter().map(|clipboard| clipboard.command[0]).collect()
    }

    #[test]
    fn tmux_comes_first_and_a_desktop_only_where_its_display_is() {
        let found = ["tmux", "wl-copy", "xclip", "xsel", "clip.exe"];
        assert_eq!(programs(&["TMUX", "DISPLAY"], &found), ["tmux", "xclip", "xsel", "clip.exe"]);
        assert_eq!(programs(&["WAYLAND_DISPLAY"], &found), ["wl-copy", "clip.exe"]);
        assert_eq!(programs(&["TMUX", "DISPLAY"], &[]), [""; 0], "nothing of it is installed");
        assert_eq!(programs(&[], &["tmux", "wl-copy", "xclip"]), [""; 0], "there is no display");
        assert_eq!(
            programs(&["SSH_CONNECTION"], &["pbcopy", "clip.exe"]),
            [""; 0],
            "the desktop is elsewhere"
        );
    }

    #[tokio::test]
    async fn who_fails_did_not_take_it_and_the_next_one_does() {
        const FAILS: Clipboard = desktop(&["sh", "-c", "cat >&2; exit 1"]);
        const TAKES: Clipboard = desktop(&["sh", "-c", "test \"$(cat)\" = words"]);
        const MISSING: Clipboard = desktop(&["/no/such/program"]);
        let copied = |clipboards: &[Clipboard]| copy("words".to_string(), clipboards.to_vec());
        assert_eq!(copied(&[FAILS, MISSING]).await.1, [""; 0]);
        assert_eq!(copied(&[FAILS, TAKES, TAKES]).await.1, ["the clipboard"]);
    }
}
