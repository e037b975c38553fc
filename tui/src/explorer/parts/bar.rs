//! Bars of progress, in eighths of a column.

/// A column that is filled in part, from one eighth on.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// What is filled of so many columns; all of it only when all is done.
pub fn filled(done: usize, of: usize, columns: usize) -> String {
    let eighths = (done.min(of) * columns * 8).checked_div(of).unwrap_or(0);
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(
        eighths.checked_rem(8).and_then(|part| part.checked_sub(1)).and_then(|part| EIGHTHS.get(part)),
    );
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_by_eighths_and_is_full_when_all_is_done() {
        for (done, of, expected) in [
            (0, 984, ""),
            (1, 984, ""),
            (62, 984, "▌"),
            (123, 984, "█"),
            (184, 984, "█▍"),
            (983, 984, "███████▉"),
            (984, 984, "████████"),
            (5, 0, ""),
        ] {
            assert_eq!(filled(done, of, 8), expected, "{done} of {of}");
        }
        let widths: Vec<String> = (0..=64).map(|done| filled(done, 64, 8)).collect();
        assert!(widths.windows(2).all(|pair| pair[0] != pair[1]), "each eighth shows");
    }
}
