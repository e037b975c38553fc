//! What is asked, and whether an answer is right.

use std::collections::{BTreeSet, HashMap};

use zenith_core::lake::ApiSymbol;

use super::axes::Operation;
use super::{K, SEED};
use crate::rows;

/// What is asked: near a row, for a word, for an id, for a package.
#[derive(Clone)]
pub struct Question {
    pub vector: Vec<f32>,
    pub word: String,
    pub id: String,
    pub package: String,
    number: usize,
}

impl Question {
    pub fn new(number: usize) -> Question {
        const WORDS: [&str; 3] = ["spawn", "parse", "queue"];
        Question {
            vector: rows::question(SEED, number),
            word: WORDS[number % WORDS.len()].to_string(),
            id: rows::symbol_id(SEED, number),
            package: rows::package_name(number),
            number,
        }
    }
}

/// The rows that were written, which answers are compared with.
pub struct Truth {
    pub rows: Vec<ApiSymbol>,
    names: HashMap<String, String>,
}

impl Truth {
    pub fn new(rows: Vec<ApiSymbol>) -> Truth {
        let names = rows.iter().map(|row| (row.id.clone(), row.name.clone())).collect();
        Truth { rows, names }
    }

    /// What is wrong with an answer.
    pub fn judge(&self, operation: Operation, question: &Question, ids: &[String]) -> Option<String> {
        let found: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let right = match operation {
            Operation::Open => ids == [self.rows.len().to_string()],
            Operation::Vector | Operation::VectorHeld => {
                ids.len() == K.min(self.rows.len()) && ids.first() == Some(&question.id)
            }
            Operation::Text => {
                let has = |name: &str| name.split('_').any(|part| part == question.word);
                let all = self.rows.iter().filter(|row| has(&row.name)).count();
                let named = ids.iter().all(|id| self.names.get(id).is_some_and(|name| has(name)));
                named && found.len() == ids.len() && ids.len() == all.min(K)
            }
            Operation::Point => ids == [question.id.as_str()],
            Operation::Filter => {
                let rows = self.rows.iter().filter(|row| row.package == question.package);
                found == rows.map(|row| row.id.as_str()).collect()
            }
            // What is appended is counted afterwards.
            Operation::Append => true,
        };
        (!right).then(|| format!("row {} was asked for, and {} rows came", question.number, ids.len()))
    }

    /// Numbers of rows, spread over all of them.
    pub fn numbers(&self, count: usize) -> impl Iterator<Item = usize> {
        let rows = self.rows.len();
        (0..count).map(move |index| (index * 7919 + rows / 2) % rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_right_only_with_the_row_that_is_meant() {
        let truth = Truth::new(rows::symbols(SEED, 0, 100));
        let question = Question::new(7);
        let mut ids: Vec<String> = (7..17).map(|number| rows::symbol_id(SEED, number)).collect();
        assert_eq!(truth.judge(Operation::Vector, &question, &ids), None);
        assert_eq!(truth.judge(Operation::Point, &question, &ids[..1]), None);
        ids.reverse();
        for operation in [Operation::Vector, Operation::VectorHeld, Operation::Point, Operation::Filter] {
            assert!(truth.judge(operation, &question, &ids).is_some(), "{operation:?}");
        }
        assert!(truth.judge(Operation::Open, &question, &["99".to_string()]).is_some());
    }
}
