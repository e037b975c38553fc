//! Numbers and bytes as lib0 writes them: what the updates of Yjs and the frames of its servers are made of. Nothing
//! is copied or set aside for what is only claimed: what is handed out lies in what was read.

/// A number, in groups of seven bits, the lowest first. The sign of one that has a sign is passed over.
pub(super) fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for group in 0..10 {
        let byte = byte(rest)?;
        number |= u64::from(byte & 0x7f).checked_shl(group * 7)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A length, and what is as long.
pub(super) fn bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(rest)?;
    take(rest, length)
}

/// So many bytes.
pub(super) fn take<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = left;
    Some(taken)
}

pub(super) fn byte(rest: &mut &[u8]) -> Option<u8> {
    take(rest, 1)?.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_or_longer_than_there_is_is_nothing() {
        let mut rest: &[u8] = &[0xac, 2, 3, b'a', b'b', b'c'];
        assert_eq!(number(&mut rest), Some(300));
        assert_eq!(bytes(&mut rest), Some(&b"abc"[..]));
        assert_eq!((number(&mut rest), byte(&mut rest)), (None, None));
        assert_eq!(bytes(&mut &[4, b'a', b'b', b'c'][..]), None);
        assert_eq!(number(&mut &[255; 20][..]), None, "no number is as long");
        let most = [255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        assert_eq!(number(&mut &most[..]), Some(u64::MAX));
    }
}
