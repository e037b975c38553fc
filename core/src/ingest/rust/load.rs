//! From a crate's root file to its whole module tree.

mod chosen;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use tree_sitter::{Point, Range};

use super::extract::Extractor;
use super::fragment::{Call, Context, Fragment, MacroBody, Pending, Wanted};
use super::model::{File, Model, Module, Name, ROOT};
use super::parser::Syntax;
use super::scope::Off;
use super::{scan, settle};
use crate::ingest::SkipReason;
use crate::ingest::walk::{self, NESTING_DEPTH_MAX};

/// Bounds on a crate, so that files that include one another, or macros that call themselves, end.
const CHAIN_MAX: u32 = 64;
const PIECES_MAX: usize = 30_000;
const ITEMS_MAX: usize = 400_000;

pub(super) struct Loaded {
    pub model: Model,
    pub skipped: BTreeMap<SkipReason, usize>,
}

/// A dependency with more source than this binds a whole platform; of it only the modules are read
/// that the project's features let in.
const GIANT_BYTES_MIN: u64 = 6 << 20;

/// What to read of a crate.
pub(super) struct Wish<'a> {
    /// The package's root, canonical.
    pub root: &'a Path,
    /// The crate's root file.
    pub entry: &'a Path,
    pub name: &'a str,
    /// One's own code: tests and alternatives for other machines are wanted too.
    pub own: bool,
    pub features: Option<&'a BTreeSet<String>>,
}

pub(super) fn load(wish: Wish) -> Loaded {
    let mut loader = Loader {
        model: Model::default(),
        skipped: BTreeMap::new(),
        macros: HashMap::new(),
        expanded: HashSet::new(),
        built: HashMap::new(),
        bytes: 0,
        wish,
    };
    let Wish { root, entry, .. } = loader.wish;
    loader.model.modules.push(Module {
        name: Arc::from(loader.wish.name),
        parent: ROOT,
        item: None,
        hidden: false,
        inner: None,
        file: None,
    });
    let dir = Arc::new(entry.parent().unwrap_or(root).to_owned());
    let context = Context {
        file_dir: dir.clone(),
        module_dir: dir,
        guard: None,
        hidden: false,
        off: false,
        off_anyway: false,
        depth: 0,
    };
    let what = Wanted::File { candidates: vec![entry.to_owned()], fills_module: true };
    loader.run(Pending { module: ROOT, what, context });
    settle::settle(&mut loader.model, loader.wish.features);
    Loaded { model: loader.model, skipped: loader.skipped }
}

struct Loader<'a> {
    wish: Wish<'a>,
    model: Model,
    skipped: BTreeMap<SkipReason, usize>,
    macros: HashMap<Call, (u32, usize, usize)>,
    /// What was expanded where: what a macro names itself it can declare only once a module.
    expanded: HashSet<(u32, Call)>,
    /// Modules by parent and name: how far the one is built that is built the most.
    built: HashMap<(u32, Name), Off>,
    /// Of the files read so far.
    bytes: u64,
}

/// A piece of text that is ready to be parsed.
struct Piece {
    module: u32,
    file: u32,
    path: PathBuf,
    part: Option<(usize, usize)>,
    fills_module: bool,
    context: Context,
}

impl Loader<'_> {
    /// Wave by wave: what one wave of files declares is the next one. Macros may be defined after
    /// the wave that calls them, so calls wait.
    fn run(&mut self, first: Pending) {
        let mut wanted = vec![first];
        let mut waiting: Vec<(Call, Pending)> = Vec::new();
        let mut pieces_left = PIECES_MAX;
        loop {
            let mut wave = Vec::new();
            for pending in wanted.drain(..) {
                match pending.what {
                    Wanted::File { ref candidates, fills_module } => {
                        wave.extend(self.file(&pending, candidates, fills_module));
                    }
                    Wanted::Chosen { ref usual, ref others } => {
                        wave.extend(self.chosen(&pending, usual, others));
                    }
                    Wanted::OfPackage(ref path) => {
                        let path = self.wish.root.join(path);
                        wave.extend(self.file(&pending, &[path], false));
                    }
                    Wanted::Generated => {
                        *self.skipped.entry(SkipReason::Generated).or_default() += 1;
                    }
                    Wanted::Macro(ref call) => waiting.push((call.clone(), pending)),
                }
            }
            let (known, unknown): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(call, _)| self.macros.contains_key(call));
            waiting = unknown;
            wave.extend(known.into_iter().filter_map(|(call, pending)| self.expansion(&call, pending)));
            self.leave_out(&mut wave);
            if wave.is_empty() {
                return;
            }
            if wave.len() > pieces_left || self.model.items.len() > ITEMS_MAX {
                *self.skipped.entry(SkipReason::TooManySymbols).or_default() += wave.len();
                return;
            }
            pieces_left -= wave.len();
            let wish = &self.wish;
            let read: Vec<_> = match wave.as_slice() {
                [only] => vec![read(wish, only, &mut Syntax::new())],
                many => {
                    many.par_iter().map_init(Syntax::new, |syntax, one| read(wish, one, syntax)).collect()
                }
            };
            for (piece, outcome) in wave.into_iter().zip(read) {
                match outcome {
                    Ok(outcome) => wanted.extend(self.absorb(&piece, outcome)),
                    Err(reason) => *self.skipped.entry(reason).or_default() += 1,
                }
            }
        }
    }

    /// Takes out of a wave what nobody who depends on the package would see.
    fn leave_out(&mut self, wave: &mut Vec<Piece>) {
        if self.wish.own {
            return;
        }
        let (modules, built) = (&self.model.modules, &self.built);
        let has_alternative = |piece: &Piece| {
            let module = modules.get(piece.module as usize);
            let best = module.and_then(|one| built.get(&(one.parent, one.name.clone())));
            (piece.fills_module || piece.part.is_some())
                && piece.context.off_anyway
                && best.is_some_and(|&best| best < Off::Here)
        };
        wave.retain(|piece| !has_alternative(piece));
        let sizes = wave.iter().filter_map(|piece| piece.path.metadata().ok()).map(|metadata| metadata.len());
        self.bytes += sizes.sum::<u64>();
        let Some(features) = self.wish.features.filter(|_| self.bytes > GIANT_BYTES_MIN) else { return };
        let before = wave.len();
        wave.retain(|piece| !piece.context.guard.as_ref().is_some_and(|guard| guard.off_with(features)));
        if wave.len() < before {
            *self.skipped.entry(SkipReason::FeatureOff).or_default() += before - wave.len();
        }
    }

    fn absorb(&mut self, piece: &Piece, (relative, fragment): (String, Fragment)) -> Vec<Pending> {
        if let Some(file) = self.model.files.get_mut(piece.file as usize) {
            file.relative = relative;
        }
        if piece.fills_module
            && let Some(module) = self.model.modules.get_mut(piece.module as usize)
        {
            module.file = Some((piece.file, fragment.lines));
        }
        if fragment.too_deep > 0 {
            *self.skipped.entry(SkipReason::TooDeep).or_default() += fragment.too_deep;
        }
        let known = self.model.modules.len();
        let (pending, macros) = self.model.absorb(piece.module, fragment);
        for module in self.model.modules.iter().skip(known) {
            if let Some(item) = module.item {
                let off = self.model.off(item);
                let best = self.built.entry((module.parent, module.name.clone())).or_insert(off);
                *best = off.min(*best);
            }
        }
        for MacroBody { call, file, start, end } in macros {
            self.macros.entry(call).or_insert((file, start, end));
        }
        pending
    }

    /// The first candidate that exists, unless it is one of the files that lead to it.
    fn file(&mut self, pending: &Pending, candidates: &[PathBuf], fills_module: bool) -> Option<Piece> {
        let Some(path) = candidates.iter().find(|path| path.is_file()).cloned() else {
            self.count_missing(pending);
            return None;
        };
        if pending.context.depth >= CHAIN_MAX || self.leads_to(pending.module, &path) {
            *self.skipped.entry(SkipReason::TooDeep).or_default() += 1;
            return None;
        }
        let file_dir = Arc::new(path.parent().unwrap_or(self.wish.root).to_owned());
        let is_mod_rs = path.file_name().is_some_and(|name| name == "mod.rs");
        // A file named by `#[path]` keeps its submodules beside itself, as `mod.rs` does.
        let named = candidates.len() == 1 || is_mod_rs;
        let module_dir = if named { file_dir.clone() } else { Arc::new(path.with_extension("")) };
        let context =
            Context { file_dir, module_dir, depth: pending.context.depth + 1, ..pending.context.clone() };
        let file = self.model.files.len() as u32;
        self.model.files.push(File { relative: String::new(), absolute: path.clone() });
        Some(Piece { module: pending.module, file, path, part: None, fills_module, context })
    }

    fn leads_to(&self, mut module: u32, path: &Path) -> bool {
        // A module that is to be filled has no file yet, so the walk starts at what declares it.
        loop {
            let Some(node) = self.model.modules.get(module as usize) else { return false };
            let file = node.file.and_then(|(file, _)| self.model.files.get(file as usize));
            if file.is_some_and(|file| file.absolute == path) {
                return true;
            }
            if module == ROOT {
                return false;
            }
            module = node.parent;
        }
    }

    fn expansion(&mut self, call: &Call, pending: Pending) -> Option<Piece> {
        let &(file, start, end) = self.macros.get(call)?;
        if call.arguments && !self.expanded.insert((pending.module, call.clone())) {
            return None;
        }
        let path = self.model.files.get(file as usize)?.absolute.clone();
        let depth = pending.context.depth + 1;
        if depth >= CHAIN_MAX {
            *self.skipped.entry(SkipReason::TooDeep).or_default() += 1;
            return None;
        }
        let context = Context { depth, ..pending.context };
        Some(Piece {
            module: pending.module,
            file,
            path,
            part: Some((start, end)),
            fills_module: false,
            context,
        })
    }
}

fn read(wish: &Wish, piece: &Piece, syntax: &mut Option<Syntax>) -> Result<(String, Fragment), SkipReason> {
    let syntax = syntax.as_mut().ok_or(SkipReason::Unparsable)?;
    let (relative, text) = walk::read_text(wish.root, &piece.path)?;
    let scan = scan::scan(text.as_bytes());
    if scan.depth_max > NESTING_DEPTH_MAX {
        return Err(SkipReason::TooDeep);
    }
    let (start, end) = piece.part.unwrap_or((0, text.len()));
    let within = Range {
        start_byte: start,
        end_byte: end,
        start_point: point_of(&text, start),
        end_point: point_of(&text, end),
    };
    let mut extractor = Extractor {
        text: &text,
        file: piece.file,
        syntax,
        gaps: &scan.gaps,
        tests: wish.own,
        features: wish.features,
        out: Fragment { lines: scan.lines, ..Fragment::default() },
    };
    if !extractor.run(within, piece.context.clone()) {
        return Err(SkipReason::Unparsable);
    }
    Ok((relative, extractor.out))
}

fn point_of(text: &str, at: usize) -> Point {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let row = before.iter().filter(|&&b| b == b'\n').count();
    let column = before.iter().rev().take_while(|&&b| b != b'\n').count();
    Point::new(row, column)
}
