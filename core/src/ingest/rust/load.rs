//! From a crate's root file to its whole module tree.

mod chosen;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::extract::Extractor;
use super::fragment::{Context, Fragment, Pending, Wanted};
use super::macros::{self, Call, Means, Names};
use super::model::{Expansion, File, Model, Module, Name, Parent, ROOT, Visibility};
use super::parser::Syntax;
use super::resolve::Others;
use super::scan;
use super::scope::Off;
use crate::behind::parallel;
use crate::ingest::SkipReason;
use crate::ingest::walk::{self, NESTING_DEPTH_MAX};
use rayon::prelude::*;

/// Bounds on a crate, so that files that include one another, or macros that call themselves, end.
const CHAIN_MAX: u32 = 64;
const FILES_MAX: usize = 30_000;
const ITEMS_MAX: usize = 400_000;

/// Bounds on its macros' calls: one inside the other, as a macro that takes its argument bit by bit
/// makes them; in all; and the text that they stand for.
const CALL_DEPTH_MAX: u32 = 256;
const CALLS_MAX: usize = 120_000;
const EXPANSIONS_BYTES_MAX: usize = 64 << 20;
/// Calls that are expanded before these bounds are looked at again.
const CALLS_AT_ONCE: usize = 32;

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
    /// The packages whose macros it may call.
    pub others: &'a dyn Others,
}

pub(super) fn load(wish: Wish) -> Loaded {
    let mut loader = Loader {
        model: Model::default(),
        skipped: BTreeMap::new(),
        names: Names::default(),
        built: HashMap::new(),
        bytes: 0,
        files_left: FILES_MAX,
        calls_left: CALLS_MAX,
        expansions_bytes: 0,
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
        in_block: false,
        guessed: false,
        depth: 0,
        call_depth: 0,
    };
    let what = Wanted::File { candidates: vec![entry.to_owned()], fills_module: true };
    loader.run(Pending { module: ROOT, parent: Parent::Module, inherited: None, what, context });
    Loaded { model: loader.model, skipped: loader.skipped }
}

struct Loader<'a> {
    wish: Wish<'a>,
    model: Model,
    skipped: BTreeMap<SkipReason, usize>,
    names: Names,
    /// Modules by parent and name: how far the one is built that is built the most.
    built: HashMap<(u32, Name), Off>,
    /// Of the files read so far.
    bytes: u64,
    files_left: usize,
    calls_left: usize,
    /// Of the text that calls stood for so far.
    expansions_bytes: usize,
}

/// What a piece of text is hung into, and what surrounds it.
#[derive(Clone)]
struct Place {
    module: u32,
    parent: Parent,
    inherited: Option<Visibility>,
    context: Context,
}

/// A piece of text that is ready to be parsed.
struct Piece {
    place: Place,
    /// Its place in the model's list.
    file: u32,
    source: Source,
}

enum Source {
    File {
        path: PathBuf,
        fills_module: bool,
    },
    /// What a macro's call stands for, or where nobody knows what that is, its argument.
    Call(Call, Option<Means>),
}

/// Calls whose macro is not known yet.
#[derive(Default)]
struct Waiting {
    fresh: Vec<(Call, Place)>,
    /// Those that were looked up in vain.
    unknown: Vec<(Call, Place)>,
    /// How many macros and imports there were when all of these were looked up.
    tried: (usize, usize),
}

/// What a piece of text turned out to hold.
struct Read {
    /// Of a file: its path relative to the package.
    relative: String,
    /// Of a call: what it stands for.
    expansion: Option<Arc<str>>,
    fragment: Fragment,
}

impl Loader<'_> {
    /// Wave by wave: what one wave of files declares is the next one. A call whose macro is not in
    /// its textual scope waits until there is nothing else to read.
    fn run(&mut self, first: Pending) {
        let mut wanted = vec![first];
        let mut waiting = Waiting::default();
        loop {
            self.names.learn(&self.model);
            let (mut files, mut calls) = (Vec::new(), Vec::new());
            for pending in wanted.drain(..) {
                let Pending { module, parent, inherited, what, context } = pending;
                let place = Place { module, parent, inherited, context };
                match what {
                    Wanted::File { candidates, fills_module } => {
                        files.extend(self.file(place, &candidates, fills_module));
                    }
                    Wanted::Chosen { usual, others } => files.extend(self.chosen(&place, &usual, &others)),
                    Wanted::OfPackage(path) => {
                        let path = self.wish.root.join(path);
                        files.extend(self.file(place, &[path], false));
                    }
                    Wanted::Generated => {
                        *self.skipped.entry(SkipReason::Generated).or_default() += 1;
                    }
                    Wanted::Macro(call) => match self.names.near(&self.model, &call, place.module) {
                        Some(means) => calls.extend(self.call(call, Some(means), place)),
                        None => waiting.fresh.push((call, place)),
                    },
                }
            }
            self.leave_out(&mut files);
            if files.is_empty() && calls.is_empty() {
                calls = self.settle(&mut waiting);
                if calls.is_empty() {
                    return;
                }
            }
            if files.len() > self.files_left || self.model.items.len() > ITEMS_MAX {
                for (reason, count) in
                    [(SkipReason::TooManyFiles, files.len()), (SkipReason::TooManyCalls, calls.len())]
                {
                    if count > 0 {
                        *self.skipped.entry(reason).or_default() += count;
                    }
                }
                return;
            }
            self.files_left -= files.len();
            wanted.extend(self.read(files));
            while !calls.is_empty() {
                let rest = calls.split_off(calls.len().min(CALLS_AT_ONCE));
                if self.calls_left < calls.len() || self.expansions_bytes > EXPANSIONS_BYTES_MAX {
                    self.calls_left = 0;
                    *self.skipped.entry(SkipReason::TooManyCalls).or_default() += calls.len() + rest.len();
                    break;
                }
                self.calls_left -= calls.len();
                wanted.extend(self.read(calls));
                calls = rest;
            }
        }
    }

    /// Of the calls that wait, those whose macro is known by now; if there are none, all of them.
    fn settle(&mut self, waiting: &mut Waiting) -> Vec<Piece> {
        let mut known = Vec::new();
        let now = (self.model.macros.len(), self.model.imports.len());
        if waiting.fresh.is_empty() && waiting.tried != now {
            waiting.fresh.append(&mut waiting.unknown);
        }
        for (call, place) in waiting.fresh.drain(..) {
            match self.names.far(&mut self.model, self.wish.others, &call, place.module) {
                Some(means) => known.extend(self.call(call, Some(means), place)),
                None => waiting.unknown.push((call, place)),
            }
        }
        if !known.is_empty() {
            return known;
        }
        if waiting.tried != now {
            // Some were tried before all was known that is known now.
            waiting.tried = now;
            waiting.fresh.append(&mut waiting.unknown);
            return if waiting.fresh.is_empty() { known } else { self.settle(waiting) };
        }
        let unknown = std::mem::take(&mut waiting.unknown);
        let items = unknown.into_iter().filter(|(call, _)| macros::may_hold_items(&call.argument));
        items.filter_map(|(call, place)| self.call(call, None, place)).collect()
    }

    fn call(&mut self, call: Call, means: Option<Means>, mut place: Place) -> Option<Piece> {
        place.context.call_depth += 1;
        if place.context.call_depth > CALL_DEPTH_MAX {
            *self.skipped.entry(SkipReason::TooDeep).or_default() += 1;
            return None;
        }
        if self.is_left_out(&place.context) {
            return None;
        }
        let file = self.model.files.len() as u32;
        let (of, at) = self.model.place_in_file(call.file, call.at);
        let expansion = Some(Expansion { text: Arc::default(), file: of, at });
        self.model.files.push(File { expansion, ..File::default() });
        Some(Piece { place, file, source: Source::Call(call, means) })
    }

    /// Parses pieces beside one another, and takes in what they hold in their order.
    fn read(&mut self, wave: Vec<Piece>) -> Vec<Pending> {
        let wish = &self.wish;
        let read: Vec<_> = match wave.as_slice() {
            [only] => vec![read(wish, only, &mut Syntax::new())],
            many => parallel(|| {
                many.par_iter().map_init(Syntax::new, |syntax, one| read(wish, one, syntax)).collect()
            }),
        };
        let mut wanted = Vec::new();
        for (piece, outcome) in wave.into_iter().zip(read) {
            match outcome {
                Ok(outcome) => wanted.extend(self.absorb(&piece, outcome)),
                Err(reason) => *self.skipped.entry(reason).or_default() += 1,
            }
        }
        wanted
    }

    /// Takes out of a wave what nobody who depends on the package would see.
    fn leave_out(&mut self, wave: &mut Vec<Piece>) {
        if self.wish.own {
            return;
        }
        let (modules, built) = (&self.model.modules, &self.built);
        let has_alternative = |piece: &Piece| {
            let module = modules.get(piece.place.module as usize);
            let best = module.and_then(|one| built.get(&(one.parent, one.name.clone())));
            matches!(piece.source, Source::File { fills_module: true, .. })
                && piece.place.context.off_anyway
                && best.is_some_and(|&best| best < Off::Here)
        };
        wave.retain(|piece| !has_alternative(piece));
        let size = |piece: &Piece| match &piece.source {
            Source::File { path, .. } => path.metadata().ok().map(|metadata| metadata.len()),
            Source::Call(..) => None,
        };
        self.bytes += wave.iter().filter_map(size).sum::<u64>();
        let before = wave.len();
        wave.retain(|piece| !self.is_left_out(&piece.place.context));
        if wave.len() < before {
            *self.skipped.entry(SkipReason::FeatureOff).or_default() += before - wave.len();
        }
    }

    /// Whether this is a giant's, and the project's features leave it out.
    fn is_left_out(&self, context: &Context) -> bool {
        let giant = !self.wish.own && self.bytes > GIANT_BYTES_MIN;
        let (Some(features), Some(guard)) = (self.wish.features.filter(|_| giant), &context.guard) else {
            return false;
        };
        guard.off_with(features)
    }

    fn absorb(&mut self, piece: &Piece, read: Read) -> Vec<Pending> {
        let Read { relative, expansion, fragment } = read;
        self.expansions_bytes += expansion.as_ref().map_or(0, |text| text.len());
        if let Some(file) = self.model.files.get_mut(piece.file as usize) {
            file.relative = relative;
            // The text of what declares nothing is needed no more.
            let text = expansion.filter(|_| !fragment.items.is_empty() || fragment.inner.is_some());
            if let (Some(expansion), Some(text)) = (&mut file.expansion, text) {
                expansion.text = text;
            }
        }
        if let Source::File { fills_module: true, .. } = piece.source
            && let Some(module) = self.model.modules.get_mut(piece.place.module as usize)
        {
            module.file = Some((piece.file, fragment.lines));
        }
        if fragment.too_deep > 0 {
            *self.skipped.entry(SkipReason::TooDeep).or_default() += fragment.too_deep;
        }
        let known = self.model.modules.len();
        let pending = self.model.absorb(piece.place.module, piece.place.parent, fragment);
        for module in self.model.modules.iter().skip(known) {
            if let Some(item) = module.item {
                let off = self.model.off(item);
                let best = self.built.entry((module.parent, module.name.clone())).or_insert(off);
                *best = off.min(*best);
            }
        }
        pending
    }

    /// The first candidate that exists, unless it is one of the files that lead to it.
    fn file(&mut self, place: Place, candidates: &[PathBuf], fills_module: bool) -> Option<Piece> {
        let Some(path) = candidates.iter().find(|path| path.is_file()).cloned() else {
            self.count_missing(&place.context);
            return None;
        };
        if place.context.depth >= CHAIN_MAX || self.leads_to(place.module, &path) {
            *self.skipped.entry(SkipReason::TooDeep).or_default() += 1;
            return None;
        }
        let file_dir = Arc::new(path.parent().unwrap_or(self.wish.root).to_owned());
        let is_mod_rs = path.file_name().is_some_and(|name| name == "mod.rs");
        // A file named by `#[path]` keeps its submodules beside itself, as `mod.rs` does.
        let named = candidates.len() == 1 || is_mod_rs;
        let module_dir = if named { file_dir.clone() } else { Arc::new(path.with_extension("")) };
        let context =
            Context { file_dir, module_dir, depth: place.context.depth + 1, ..place.context.clone() };
        let file = self.model.files.len() as u32;
        self.model.files.push(File { absolute: path.clone(), ..File::default() });
        let source = Source::File { path, fills_module };
        Some(Piece { place: Place { context, ..place }, file, source })
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
}

fn read(wish: &Wish, piece: &Piece, syntax: &mut Option<Syntax>) -> Result<Read, SkipReason> {
    let syntax = syntax.as_mut().ok_or(SkipReason::Unparsable)?;
    let (call, means) = match &piece.source {
        Source::File { path, .. } => {
            let (relative, text) = walk::read_text(wish.root, path)?;
            let fragment = parse(wish, piece, syntax, &text, None, false)?;
            return Ok(Read { relative, expansion: None, fragment });
        }
        Source::Call(call, means) => (call, means),
    };
    let made = match means {
        Some(means) => means.expand(call).map_err(|_| SkipReason::TooManyCalls)?,
        None => None,
    };
    let (text, origin, doubtful) = match made {
        Some(made) => (made.text, macros::Origin { lines: made.lines, ..call.origin.clone() }, false),
        None => (call.argument.clone(), call.origin.clone(), true),
    };
    let fragment = match macros::may_hold_items(&text) || text.contains('!') {
        true => parse(wish, piece, syntax, &text, Some(&origin), doubtful)?,
        false => Fragment::default(),
    };
    Ok(Read { relative: String::new(), expansion: Some(text), fragment })
}

fn parse(
    wish: &Wish,
    piece: &Piece,
    syntax: &mut Syntax,
    text: &str,
    origin: Option<&macros::Origin>,
    doubtful: bool,
) -> Result<Fragment, SkipReason> {
    let scan = scan::scan(text.as_bytes());
    if scan.depth_max > NESTING_DEPTH_MAX {
        return Err(SkipReason::TooDeep);
    }
    let mut extractor = Extractor {
        text,
        file: piece.file,
        syntax,
        gaps: &scan.gaps,
        tests: wish.own,
        features: wish.features,
        origin,
        bodies: Vec::new(),
        out: Fragment { lines: scan.lines, ..Fragment::default() },
    };
    let mut context = piece.place.context.clone();
    context.guessed |= doubtful;
    if !extractor.run(context, piece.place.parent, piece.place.inherited, doubtful) {
        return Err(SkipReason::Unparsable);
    }
    Ok(extractor.out)
}
