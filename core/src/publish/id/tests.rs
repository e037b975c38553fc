use libsql::Value;

use super::*;
use crate::catalog::query;

const TYPES: [&str; 3] = ["faq", "hero", "a"];

#[test]
fn a_name_leads_to_one_home() {
    for (text, kind) in [("wgt_main_faq", Kind::Baseline), ("wgt_curated_hero-1_b", Kind::Curated)] {
        let Ok(Route::Authored(id)) = route(text) else { panic!("{text}") };
        assert_eq!((id.kind(), id.to_string()), (kind, text.to_string()));
        assert!(matches!(UserId::parse(text), Err(IdError::Authored(_))));
    }
    let Ok(Route::User(id)) = route("wgt_faq_u_x_u_y") else { panic!() };
    assert_eq!((id.widget_type.as_str(), id.to_string().as_str()), ("faq", "wgt_faq_u_x_u_y"));
    assert!(matches!(AuthoredId::parse("wgt_faq_u_x"), Err(IdError::User(_))));
}

/// Two readings of one name (V01), other letters and wildcards (V03), homoglyphs, NULs and paths (V04).
#[test]
fn what_could_be_read_in_two_ways_or_leave_its_place_is_refused() {
    let long = format!("wgt_curated_{}", "x".repeat(61));
    for bad in [
        "wgt_main_x_u_y",
        "wgt_main_u_x",
        "wgt_main_main",
        "wgt_main_curated",
        "wgt_main_",
        "wgt_curated_",
        "wgt_main_u_u_x",
        "WGT_MAIN_FAQ",
        "wgt_MAIN_faq",
        "wgtXmainXfaq",
        "wgtXmainXfaq_u_b",
        "wgt_curated_fаq",
        "wgt_curated_a\0b",
        "wgt_curated_../manifest",
        "wgt_curated_a%2fb",
        "wgt_curated_a.b",
        "wgt_curated__a",
        "wgt__u_a",
        "wgt_a_b_u_c",
        "wgt_faq_u_",
        "wgt_faq_U_x",
        "",
        "wgt_",
        " wgt_main_faq",
        "wgt_main_faq\n",
        &long,
    ] {
        assert!(matches!(route(bad), Err(IdError::Malformed(_))), "{bad:?}");
    }
    assert!(UserId::parse("wgt_curated_u_x").is_err(), "it is a curated one, and no user's");
    assert!(route(&format!("wgt_curated_{}", "x".repeat(60))).is_ok());
}

/// What the tables' checks say of 100,000 names that are made of the grammar's own pieces is what is said here.
#[tokio::test]
async fn the_tables_checks_are_the_same_grammar() {
    let database = libsql::Builder::new_local(":memory:").build().await.unwrap();
    let connection = database.connect().unwrap();
    let sql = format!(
        "SELECT (kind IS NOT NULL AND {}) AND {}, (kind IS NULL AND {}) AND {} \
         FROM (SELECT ?1 AS public_id, ?2 AS kind, ?3 AS widget_type)",
        authored_check(),
        type_check(),
        user_check(),
        type_check()
    );
    let pieces = [
        "wgt_",
        "main_",
        "curated_",
        "_u_",
        "u_",
        "main",
        "curated",
        "faq",
        "hero",
        "a",
        "_",
        "-",
        "9",
        "A",
        "а",
        "\0",
        ".",
        "%2f",
        "/",
        "é",
        " ",
        "wgt_main_",
        "wgt_curated_",
        "wgt_faq_u_",
        "x",
        "*",
        "[a-z]",
        "?",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let mut valid = 0;
    for _ in 0..100_000 {
        let mut id = String::new();
        if next(2) == 0 {
            id += ["wgt_main_", "wgt_curated_", "wgt_faq_u_", "wgt_hero_u_"][next(4)];
        }
        for _ in 0..=next(4) {
            id += pieces[next(pieces.len())];
        }
        // Half of them of the kind that they say, so that much of what is good is among them.
        let said = match id.as_str() {
            of if of.starts_with("wgt_main_") => Some("baseline"),
            of if of.starts_with("wgt_curated_") => Some("curated"),
            _ => None,
        };
        let kind = [said, said, said, said, None, Some("baseline"), Some("curated"), Some("other")][next(8)];
        let widget_type = match next(4) {
            0 => id.strip_prefix("wgt_main_").unwrap_or("faq").to_string(),
            1 => pieces[next(pieces.len())].to_string(),
            2 => id.split('_').nth(1).unwrap_or("faq").to_string(),
            _ => TYPES[next(TYPES.len())].to_string(),
        };
        let is_type = WidgetType::parse(&widget_type).is_ok();
        let expected = match route(&id) {
            Ok(Route::Authored(of)) => {
                let fits = of.widget_type().is_none_or(|of| of.as_str() == widget_type);
                (is_type && fits && kind == Some(of.kind().as_str()), false)
            }
            Ok(Route::User(of)) => (false, kind.is_none() && of.widget_type.as_str() == widget_type),
            Err(_) => (false, false),
        };
        let values = [
            Value::Text(id.clone()),
            kind.map_or(Value::Null, |kind| Value::Text(kind.to_string())),
            Value::Text(widget_type.clone()),
        ];
        let read = |row: &libsql::Row| Ok((row.get::<i64>(0)? == 1, row.get::<i64>(1)? == 1));
        let found = query(&connection, &sql, &values, read).await.unwrap();
        assert_eq!(found, [expected], "{id:?} {kind:?} {widget_type:?}");
        valid += usize::from(expected.0 || expected.1);
    }
    assert!(valid > 2_000, "only {valid} names were good: the test says little");
}
