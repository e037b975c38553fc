//! The screen in plain ASCII, for terminals that show nothing else: of everything that was drawn, also of what
//! packages say.

use ratatui::buffer::Buffer;

/// Replaces what is not ASCII, cell by cell, so that everything stays where it is.
pub fn plain(buffer: &mut Buffer) {
    for cell in buffer.content.iter_mut().filter(|cell| !cell.symbol().is_ascii()) {
        let mut symbol = [0; 4];
        let symbol = cell.symbol().chars().next().map_or('?', ascii).encode_utf8(&mut symbol).to_string();
        cell.set_symbol(&symbol);
    }
}

fn ascii(c: char) -> char {
    match c {
        '≥' | '▌' | '▸' | '›' | '→' | '»' => '>',
        '▾' | '↓' => 'v',
        '≤' | '‹' | '←' | '«' => '<',
        '↑' => '^',
        '│' | '┃' | '▐' => '|',
        '─' | '·' | '–' | '—' | '−' => '-',
        '━' | '≡' => '=',
        '╭' | '╮' | '╰' | '╯' | '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' => {
            '+'
        }
        '…' => '~',
        '\u{2800}'..='\u{28ff}' | '•' | '✓' | '✔' | '●' | '▪' => '*',
        '✗' | '✘' | '×' => 'x',
        'ƒ' => 'f',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        // Bars, by how full they are.
        '▁' | '▂' | '▏' | '▎' => '.',
        '▃' | '▄' | '▅' | '▍' | '▋' => ':',
        '▆' | '▇' | '█' | '▊' | '▉' => '#',
        _ => '?',
    }
}
