//! Late interaction: a question and a text compared token by token, where a mean vector knows each as one
//! point alone.
//!
//! Each token of the question looks for its best token of the text (ColBERT's MaxSim, Khattab and Zaharia
//! 2020), here over the rows of the static table. What a token weighs is the length of its row, as in a
//! mean: the table learned it.

use simsimd::SpatialSimilarity;

use super::StaticModel;

/// More tokens than a question has that a person types; the rest is left out.
const ASKED_MAX: usize = 48;

/// How well a text fits a question. Each is between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Match {
    /// What of the question's weight has a token like it in the text: each token counts as its best cosine.
    pub near: f32,
    /// What of the question's weight stands in the text as it is.
    pub same: f32,
}

/// The tokens of a question, and what each token of a text is to them, computed once a search.
pub struct AskedTokens {
    model: StaticModel,
    tokens: Vec<u32>,
    /// The rows of the tokens, their lengths as int8 and as weights that sum up to one.
    rows: Vec<(Vec<i8>, f32, f32)>,
    /// The place in `cosines` of a text's token, from 1; 0 while it is not known.
    places: Vec<u32>,
    /// For each token of texts that was met, its weight and its cosine with each token of the question.
    cosines: Vec<f32>,
}

impl AskedTokens {
    /// The tokens of a question; `None` where it has none.
    pub fn new(model: &StaticModel, question: &str) -> Option<AskedTokens> {
        let mut tokens = Vec::new();
        model.tokenize(question, ASKED_MAX, &mut tokens);
        let mut unique = Vec::with_capacity(tokens.len());
        for token in tokens {
            if !unique.contains(&token) {
                unique.push(token);
            }
        }
        let rows: Vec<(u32, Vec<i8>, f32)> = unique
            .into_iter()
            .filter_map(|token| model.row(token as usize).map(|(row, weight)| (token, row, weight)))
            .filter(|(_, _, weight)| *weight > 0.0)
            .collect();
        let whole: f32 = rows.iter().map(|(_, _, weight)| weight).sum();
        if rows.is_empty() {
            return None;
        }
        Some(AskedTokens {
            tokens: rows.iter().map(|(token, ..)| *token).collect(),
            rows: rows
                .into_iter()
                .map(|(_, row, weight)| (length(&row), row, weight / whole))
                .map(|(length, row, share)| (row, length, share))
                .collect(),
            places: vec![0; model.tokens()],
            cosines: Vec::new(),
            model: model.clone(),
        })
    }

    /// How well a text of these tokens fits the question.
    pub fn of_text(&mut self, text: impl Iterator<Item = u16>) -> Match {
        let mut best = [0.0_f32; ASKED_MAX];
        let mut same = [false; ASKED_MAX];
        for token in text {
            let token = u32::from(token);
            let (_, cosines) = self.met(token);
            for (best, cosine) in best.iter_mut().zip(cosines) {
                *best = best.max(*cosine);
            }
            if let Some(at) = self.tokens.iter().position(|asked| *asked == token)
                && let Some(same) = same.get_mut(at)
            {
                *same = true;
            }
        }
        let mut found = Match::default();
        for (((_, _, share), best), same) in self.rows.iter().zip(best).zip(same) {
            found.near += share * best;
            found.same += if same { *share } else { 0.0 };
        }
        found
    }

    /// The other way round: what of a name's weight is asked for.
    pub fn of_name(&mut self, name: impl Iterator<Item = u16>) -> Match {
        let (mut found, mut whole) = (Match::default(), f32::MIN_POSITIVE);
        for token in name {
            let token = u32::from(token);
            let (weight, cosines) = self.met(token);
            let near = cosines.iter().fold(0.0_f32, |best, cosine| best.max(*cosine));
            whole += weight;
            found.near += weight * near;
            found.same += if self.tokens.contains(&token) { weight } else { 0.0 };
        }
        Match { near: found.near / whole, same: found.same / whole }
    }

    /// A text's token: its weight, and its cosine with each token of the question.
    fn met(&mut self, token: u32) -> (f32, &[f32]) {
        let width = self.rows.len() + 1;
        let known = self.places.get(token as usize).copied().unwrap_or(0) as usize;
        let start = if known > 0 { (known - 1) * width } else { self.meet(token) };
        match self.cosines.get(start..start + width).and_then(<[f32]>::split_first) {
            Some((weight, cosines)) => (*weight, cosines),
            None => (0.0, &[]),
        }
    }

    fn meet(&mut self, token: u32) -> usize {
        let start = self.cosines.len();
        let Some((row, weight)) = self.model.row(token as usize) else { return start };
        let length_of_row = length(&row);
        self.cosines.push(weight);
        for (asked, length_of_asked, _) in &self.rows {
            let dot = <i8 as SpatialSimilarity>::dot(asked, &row).unwrap_or(0.0);
            #[expect(clippy::cast_possible_truncation, reason = "a cosine needs no more than f32")]
            let cosine = dot as f32 / (length_of_row * length_of_asked).max(f32::MIN_POSITIVE);
            self.cosines.push(cosine.clamp(0.0, 1.0));
        }
        if let Some(place) = self.places.get_mut(token as usize) {
            *place = u32::try_from(start / (self.rows.len() + 1) + 1).unwrap_or(0);
        }
        start
    }
}

fn length(row: &[i8]) -> f32 {
    row.iter().map(|x| f32::from(*x) * f32::from(*x)).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(question: &str, text: &str) -> (Match, Match) {
        let model = StaticModel::shipped().unwrap();
        let mut tokens = Vec::new();
        model.tokenize(text, 64, &mut tokens);
        let tokens: Vec<u16> = tokens.into_iter().map(|token| u16::try_from(token).unwrap()).collect();
        let mut asked = AskedTokens::new(&model, question).unwrap();
        (asked.of_text(tokens.iter().copied()), asked.of_name(tokens.iter().copied()))
    }

    #[test]
    fn every_word_of_the_question_counts_by_its_best_word_of_the_text() {
        let (whole, _) = of("remove directory", "recursively remove a whole directory after all");
        assert!(whole.near > 0.99 && whole.same > 0.99, "{whole:?}");
        let (like, _) = of("remove directory", "delete a folder");
        let (unlike, _) = of("remove directory", "draw a chart");
        assert!(like.near > unlike.near + 0.2 && like.same == 0.0, "{like:?} {unlike:?}");
    }

    #[test]
    fn a_word_that_says_little_weighs_little() {
        let (rare, _) = of("the semaphore", "semaphore");
        let (common, _) = of("the semaphore", "the");
        assert!(rare.same > 0.7 && common.same < 0.3, "{rare:?} {common:?}");
    }

    #[test]
    fn of_a_name_what_was_not_asked_for_counts_against_it() {
        let (_, short) = of("spawn a blocking task", "spawn_blocking");
        let (_, long) = of("spawn a blocking task", "spawn_blocking_on_local_queue");
        assert!(short.same > 0.99 && long.same < 0.8, "{short:?} {long:?}");
    }

    #[test]
    fn no_text_is_a_failure() {
        let model = StaticModel::shipped().unwrap();
        assert!(AskedTokens::new(&model, "日本語 ?!").is_none());
        let mut asked = AskedTokens::new(&model, &"word other ".repeat(100)).unwrap();
        let nothing = asked.of_text(std::iter::empty());
        assert_eq!((nothing, asked.of_name(std::iter::empty())), (Match::default(), Match::default()));
        assert!(asked.of_text([u16::MAX].into_iter()).near < 1e-6, "a number that is no token");
    }
}
