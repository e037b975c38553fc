//! Where one was before, and where one came back from: a stack each way.

use crate::explorer::parts::place::Place;

/// Places that anyone goes back through.
const PLACES_MAX: usize = 100;

#[derive(Debug, Default)]
pub struct Places {
    back: Vec<Place>,
    on: Vec<Place>,
}

impl Places {
    /// One goes elsewhere: what was ahead is no longer.
    pub fn leave(&mut self, here: Place) {
        self.on.clear();
        push(&mut self.back, here);
    }

    pub fn has_back(&self) -> bool {
        !self.back.is_empty()
    }

    pub fn has_on(&self) -> bool {
        !self.on.is_empty()
    }

    /// The place before this one.
    pub fn back(&mut self, here: Place) -> Option<Place> {
        let place = self.back.pop()?;
        push(&mut self.on, here);
        Some(place)
    }

    /// The place that one came back from.
    pub fn on(&mut self, here: Place) -> Option<Place> {
        let place = self.on.pop()?;
        push(&mut self.back, here);
        Some(place)
    }
}

fn push(places: &mut Vec<Place>, place: Place) {
    if places.last() != Some(&place) {
        places.push(place);
    }
    let surplus = places.len().saturating_sub(PLACES_MAX);
    places.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Place {
        Place::Query(text.to_string())
    }

    #[test]
    fn back_and_on_are_each_others_way_until_one_goes_elsewhere() {
        let mut places = Places::default();
        places.leave(query("a"));
        places.leave(query("b"));
        assert_eq!(places.back(query("c")), Some(query("b")));
        assert_eq!(places.back(query("b")), Some(query("a")));
        assert_eq!(places.back(query("a")), None);
        assert_eq!(places.on(query("a")), Some(query("b")));
        places.leave(query("b"));
        assert_eq!(places.on(query("d")), None, "c is no longer ahead");
        assert_eq!(places.back(query("d")), Some(query("b")));
    }

    #[test]
    fn the_same_place_twice_is_one_and_the_stack_is_bounded() {
        let mut places = Places::default();
        (0..300).for_each(|number| places.leave(query(&(number / 2).to_string())));
        let seen = std::iter::from_fn(|| places.back(query("here"))).count();
        assert_eq!(seen, PLACES_MAX);
    }
}
