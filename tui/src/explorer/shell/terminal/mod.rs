//! The terminal while the explorer has it, and how it is given back whatever happens.

mod decode;
mod events;
mod translate;

use std::io::{self, Stdout, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crossterm::cursor::{MoveTo, SetCursorStyle, Show};
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use zenith_harness::runner::{hold_back_panics, is_running_spike};

use super::app::App;
use super::frame;
pub use decode::Heard;
pub use events::Events;

/// Buttons and wheel, without the motion of the pointer that crossterm's own command asks for: each
/// of its events would wake the loop for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";
/// Asks what the background is, and to be told when it changes.
const ASK: &str = "\x1b[?2031h\x1b]11;?\x1b\\";
const TELL_NO_MORE: &str = "\x1b[?2031l";

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Panics of tasks, told once the terminal is given back.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
const PANICS_MAX: usize = 8;

/// The screen. Dropping it gives the terminal back.
pub struct Screen {
    terminal: ratatui::Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
    may_ask: bool,
}

impl Screen {
    /// Takes the terminal, and asks it what its background is where it `may_ask`.
    pub fn enter(mouse: bool, may_ask: bool) -> io::Result<Screen> {
        take(mouse, may_ask)?;
        let terminal = ratatui::Terminal::new(CrosstermBackend::new(io::stdout()));
        match terminal {
            Ok(terminal) => Ok(Screen { terminal, mouse, may_ask }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Draws what differs from what was drawn last, at one stroke where the terminal can.
    pub fn draw(&mut self, app: &App) -> io::Result<()> {
        queue!(io::stdout(), BeginSynchronizedUpdate)?;
        let mut stands = None;
        self.terminal.draw(|cells| stands = frame::draw(cells, app))?;
        // Readers of screens and magnifiers follow the cursor, also where it is hidden.
        if let Some(stands) = stands {
            queue!(io::stdout(), MoveTo(stands.x, stands.y))?;
        }
        execute!(io::stdout(), EndSynchronizedUpdate)
    }

    /// Forgets what was drawn, so that the next draw draws everything. Ratatui's own way asks the
    /// terminal where the cursor is, and waits for an answer that our stream of events has taken.
    pub fn clear(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Gives the terminal to someone else for a while.
    pub fn lend(&self) {
        give_back();
    }

    /// Takes it again.
    pub fn retake(&mut self) -> io::Result<()> {
        take(self.mouse, self.may_ask)?;
        self.clear()
    }

    /// Listens to the mouse, or leaves it to the terminal.
    pub fn listen_to_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        execute!(io::stdout(), Print(if mouse { MOUSE_ON } else { MOUSE_OFF }))
    }

    /// Asks the terminal to put text on the user's clipboard (OSC 52): it works over ssh as well, where the
    /// terminal does it.
    pub fn copy(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout();
        write!(out, "\x1b]52;c;{}\x07", BASE64_STANDARD.encode(text))?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
        let panics = PANICS.lock().map(|mut panics| std::mem::take(&mut *panics)).unwrap_or_default();
        for panic in panics {
            eprintln!("zenith: a task in the background failed: {panic}");
        }
    }
}

fn take(mouse: bool, may_ask: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, SetCursorStyle::SteadyBar)?;
    execute!(io::stdout(), EnableFocusChange)?;
    if mouse {
        execute!(io::stdout(), Print(MOUSE_ON))?;
    }
    if may_ask {
        execute!(io::stdout(), Print(ASK))?;
    }
    Ok(())
}

/// Undoes everything that was asked of the terminal. Errors are passed over: there is nobody left to
/// tell, and each step is worth trying.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ =
        execute!(out, EndSynchronizedUpdate, Print(MOUSE_OFF), Print(TELL_NO_MORE), DisableBracketedPaste);
    let _ = execute!(out, DisableFocusChange);
    let _ = execute!(out, SetCursorStyle::DefaultUserShape, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// From now on a panic of this thread gives the terminal back before it is told; one of a task, which
/// the screen outlives, is kept until the screen is gone. One of a spike is a verdict: its outcome tells
/// it, with the place.
pub fn install_panic_hook() {
    let screen_thread = std::thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if is_running_spike() {
            return;
        }
        if std::thread::current().id() == screen_thread || !TAKEN.load(Ordering::SeqCst) {
            give_back();
            before(panic);
        } else if let Ok(mut panics) = PANICS.lock()
            && panics.len() < PANICS_MAX
        {
            panics.push(panic.to_string());
        }
    }));
    // Above it: this one notes where a spike panicked.
    hold_back_panics();
}
