//! Makes the static model that ships with Zenith from its teacher and real documentation.
//!
//! Model2Vec's method: each token of a vocabulary through the teacher, the common direction taken
//! out, weighted by how rare the token is. Then the table is fitted so that the mean of its rows
//! comes near the teacher's vector of the whole text, and so that what a sentence says of a name
//! finds that name, which the teacher was never taught.

pub mod corpus;
pub mod fit;
pub mod vocabulary;
