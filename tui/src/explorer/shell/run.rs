//! The loop: waits for the next message, takes what has gathered, draws once.

use std::io;
use std::time::{Duration, Instant};

use chrono::Local;
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::Size;
use signal_hook::consts::SIGSTOP;
use signal_hook::low_level::raise;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use zenith_core::config::Motion;

use super::app::App;
use super::input::is_newline;
use super::look::Look;
use super::memory::Memory;
use super::message::{Effect, Message};
use super::signals::{Signals, Told};
use super::terminal::{Events, Heard, Screen, install_panic_hook};
use super::work::Work;
use super::{editor, surroundings};
use crate::explorer::Start;
use crate::explorer::parts::clock::now_ms;
use crate::explorer::parts::key::Key;
use crate::explorer::parts::out::{Composition, Notice};
use crate::explorer::parts::page::Location;
use crate::explorer::tabs;
use crate::text::clean_line;

/// At most one draw in this time.
const DRAW_EVERY: Duration = Duration::from_millis(10);
/// How often what shows time is drawn, while something does.
const TICK: Duration = Duration::from_millis(250);
/// The same where nothing moves but numbers, which are told in seconds.
const TICK_STILL: Duration = Duration::from_secs(1);
/// Messages that are taken before the next draw.
const MESSAGES_AT_ONCE: usize = 512;

/// Runs the explorer until the user leaves it. The first frame is drawn before the data folder is
/// opened. Errors are those of the terminal; everything else is told on the screen.
pub async fn run(start: Start) -> io::Result<()> {
    let look = Look::of_surroundings(start.config.screen.theme);
    // Under NO_COLOR crossterm would drop reversal along with the colours; the theme for it has none.
    crossterm::style::force_color_output(true);
    install_panic_hook();
    let screen = Screen::enter(start.mouse, look.may_ask)?;
    let size = screen.size()?;
    let (memory, (sender, inbox)) = (Memory::of_user(), unbounded_channel());
    let is_still = start.config.screen.motion == Motion::Reduced;
    let app = App::new(start.folder.clone(), tabs::all(), look, size);
    let mut explorer = Explorer {
        screen,
        app: App { mouse: start.mouse, is_still, offset_s: Local::now().offset().local_minus_utc(), ..app },
        work: Work::new(sender),
        inbox,
        events: Events::listen()?,
        signals: Signals::listen()?,
        drawn: None,
    };
    explorer.app.resume(memory.read());
    for note in start.config.notes() {
        explorer.app.tell(Notice::Wrong(clean_line(&note)));
    }
    for note in explorer.app.take_keys(&start.config.keys) {
        explorer.app.tell(Notice::Wrong(note));
    }
    explorer.expect_answer();
    explorer.draw()?;
    explorer.work.open(start.config, start.folder);
    let result = explorer.run().await.map_err(gone);
    let result = result.and(explorer.events.finish().await);
    let Explorer { screen, app, mut work, .. } = explorer;
    work.stop();
    // The user has the terminal back while what lasts comes to its end.
    drop(screen);
    // Where nothing can be written, the next start is as the first: nobody has to hear of it.
    let _ = memory.write(&app.kept());
    work.wait().await;
    result
}

/// A terminal that is gone is told as that, whether reading or drawing notices it first.
fn gone(error: io::Error) -> io::Error {
    let is_gone = error.kind() == io::ErrorKind::UnexpectedEof
        || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error());
    if is_gone { io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal is gone") } else { error }
}

struct Explorer {
    screen: Screen,
    app: App,
    work: Work,
    inbox: UnboundedReceiver<Message>,
    events: Events,
    signals: Signals,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
}

impl Explorer {
    async fn run(&mut self) -> io::Result<()> {
        let mut ticks = interval(if self.app.is_still { TICK_STILL } else { TICK });
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next_draw = self.drawn.map_or_else(Instant::now, |drawn| drawn + DRAW_EVERY);
            let message = tokio::select! {
                heard = self.events.next() => match heard? {
                    Some(heard) => Some(heard.into()),
                    // Nobody told it to end: whoever waits for it is to see that.
                    None => return Err(io::ErrorKind::UnexpectedEof.into()),
                },
                message = self.inbox.recv() => message,
                told = self.signals.next() => match told {
                    Told::End => Some(Message::Terminated),
                    Told::Stop => self.stop().await?.then_some(Message::Terminated),
                    Told::GoOn => {
                        // A shell left it in a state of its own, if the stop could not be seen coming.
                        self.screen.lend();
                        self.retake().await?;
                        None
                    }
                },
                _ = ticks.tick(), if self.app.animates() => Some(Message::Tick),
                () = sleep_until(next_draw.into()), if self.app.dirty => None,
            };
            if let Some(message) = message
                && self.take_all(message).await?
            {
                return Ok(());
            }
            if self.app.dirty && next_draw <= Instant::now() {
                self.draw()?;
            }
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        // The event of a new size may come after the first frame that has it.
        let size = self.screen.size()?;
        if size != self.app.size {
            self.resize(size);
        }
        self.screen.draw(&self.app)?;
        self.app.dirty = false;
        self.drawn = Some(Instant::now());
        Ok(())
    }

    /// Takes a message and those that have gathered behind it; `true` where one of them ends it all.
    async fn take_all(&mut self, first: Message) -> io::Result<bool> {
        let mut next = Some(first);
        for left in (0..MESSAGES_AT_ONCE).rev() {
            let Some(message) = next.take() else { break };
            // Whatever is taken from its queue is done: the last one of a round takes nothing more.
            let mut behind = if left == 0 { None } else { self.events.gathered()? };
            let message = self.joined(message, &mut behind)?;
            self.app.is_followed = behind.as_ref().is_some_and(is_key);
            self.app.now = Instant::now();
            self.app.wall_ms = now_ms();
            for effect in self.app.update(message) {
                if self.take_effect(effect).await? {
                    return Ok(true);
                }
            }
            next = match behind {
                Some(heard) => Some(heard.into()),
                None if left == 0 => None,
                None => self.inbox.try_recv().ok(),
            };
        }
        Ok(false)
    }

    /// A letter with those that came behind it, where they are text. The last key of all may mean more than text.
    fn joined(&mut self, message: Message, behind: &mut Option<Heard>) -> io::Result<Message> {
        let first = match &message {
            Message::Terminal(event) => letter(event).filter(|letter| *letter != NEWLINE),
            _ => None,
        };
        let Some(first) = first.filter(|_| behind.is_some() && self.app.takes_letters()) else {
            return Ok(message);
        };
        let mut letters = String::from(first);
        while let Some(next) = behind.take() {
            let after = self.events.gathered()?;
            let found = match &next {
                Heard::Event(event) => letter(event),
                Heard::Background(_) => None,
            };
            match found {
                Some(NEWLINE) if after.as_ref().is_some_and(is_key) => letters.push(' '),
                Some(letter) if letter != NEWLINE => letters.push(letter),
                _ => {
                    self.events.put_back(after);
                    *behind = Some(next);
                    break;
                }
            }
            *behind = after;
        }
        Ok(if letters.len() == first.len_utf8() { message } else { Message::Letters(letters) })
    }

    /// Does what the terminal must do, and begins the rest.
    async fn take_effect(&mut self, effect: Effect) -> io::Result<bool> {
        match effect {
            Effect::Quit => return Ok(true),
            Effect::Send(text) => self.screen.copy(&text)?,
            Effect::Mouse(mouse) => self.screen.listen_to_mouse(mouse)?,
            Effect::Redraw => {
                self.screen.clear()?;
                self.app.dirty = true;
            }
            Effect::Suspend => return self.stop().await,
            Effect::Edit(location) => self.edit(&location).await?,
            Effect::Compose(index, composition) => self.compose(index, &composition).await?,
            effect => self.work.begin(effect, &self.app),
        }
        Ok(false)
    }

    /// Gives the terminal back and stops, until somebody lets this process go on; `true` where it was told to end
    /// meanwhile.
    async fn stop(&mut self) -> io::Result<bool> {
        self.lend().await?;
        raise(SIGSTOP)?;
        // The signal that it goes on by arrives here as well.
        let told = loop {
            match self.signals.next().await {
                Told::Stop => {}
                told => break told,
            }
        };
        self.retake().await?;
        Ok(told == Told::End)
    }

    /// The editor has the terminal, and the keys: nobody here reads any meanwhile.
    async fn edit(&mut self, location: &Location) -> io::Result<()> {
        self.lend().await?;
        let edited = match surroundings::editor() {
            Ok(words) => editor::edit(&words, location).await,
            Err(why) => Err(why),
        };
        self.retake().await?;
        if let Err(why) = edited {
            self.app.tell(Notice::Wrong(clean_line(&why)));
        }
        Ok(())
    }

    /// The same for a text, which the tab at a place of the list is told of afterwards.
    async fn compose(&mut self, index: usize, composition: &Composition) -> io::Result<()> {
        self.lend().await?;
        let written = match surroundings::editor() {
            Ok(words) => editor::compose(&words, composition).await,
            Err(why) => Err(why),
        };
        self.retake().await?;
        self.work.tell(Message::Composed(index, written));
        Ok(())
    }

    /// Gives the terminal to another program.
    async fn lend(&mut self) -> io::Result<()> {
        self.events.finish().await?;
        self.screen.lend();
        Ok(())
    }

    /// Takes the terminal again, which may have another size by now.
    async fn retake(&mut self) -> io::Result<()> {
        self.screen.retake()?;
        // An interrupt meant for whoever had the terminal is not meant for us.
        self.signals = Signals::listen()?;
        self.expect_answer();
        let size = self.screen.size()?;
        self.resize(size);
        Ok(())
    }

    /// Whoever takes the terminal asks it what its background is.
    fn expect_answer(&mut self) {
        if self.app.look.may_ask {
            self.events.expect_answer();
        }
    }

    fn resize(&mut self, size: Size) {
        for effect in self.app.update(Message::Terminal(Event::Resize(size.width, size.height))) {
            self.work.begin(effect, &self.app);
        }
    }
}

fn is_key(heard: &Heard) -> bool {
    matches!(heard, Heard::Event(Event::Key(_)))
}

const NEWLINE: char = '\n';

/// What a key is as text, if it is that alone.
fn letter(event: &Event) -> Option<char> {
    let Event::Key(key) = event else { return None };
    match Key::of(key) {
        _ if key.kind == KeyEventKind::Release => None,
        Key(KeyCode::Char(letter), KeyModifiers::NONE) => Some(letter),
        _ => is_newline(key).then_some(NEWLINE),
    }
}

impl From<Heard> for Message {
    fn from(heard: Heard) -> Message {
        match heard {
            Heard::Event(event) => Message::Terminal(event),
            Heard::Background(background) => Message::Background(background),
        }
    }
}
