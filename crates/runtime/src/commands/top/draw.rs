//! Draws the screen of `top`.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph, RenderDirection, Sparkline, Wrap};

use super::chart::{Bars, bars};
use super::condition::Condition;
use super::facts::{Fact, facts, workers};
use super::figures::{clock, rate, span};
use super::notices::{explanations, first, notices, warnings};
use super::progress::Progress;
use super::snapshot::Snapshot;

/// Least width of a column of figures.
const COLUMN: u16 = 20;
/// A chart lower than this has no title.
const TITLED: u16 = 4;

/// What is on the screen.
pub struct View {
    pub url: String,
    /// The last answers of the instance.
    pub last: Snapshot,
    /// Why the instance has not answered since `last`. `None` if the latest request was answered.
    pub stale: Option<String>,
    pub colored: bool,
}

impl View {
    pub fn draw(&self, frame: &mut Frame) {
        let area = frame.area();
        let notices = Paragraph::new(self.notices()).wrap(Wrap { trim: true });
        let told = self.notices_height(area);
        let columns = (area.width / COLUMN).clamp(1, 4);
        // There are four groups, so three columns need as many rows as two columns do.
        let columns = if columns == 3 { 2 } else { columns };
        // Texts that a person must read get their place before the figures.
        let facts = facts(&self.last.status);
        let needed: u16 = heights(&facts, columns).iter().sum();
        let figures = needed.min(area.height.saturating_sub(told + 3));
        let [head, condition, told, chart, figures, foot] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(told),
            Constraint::Fill(1),
            Constraint::Length(figures),
            Constraint::Length(1),
        ])
        .areas(area);
        self.draw_head(frame, head);
        self.draw_condition(frame, condition);
        frame.render_widget(notices, told);
        self.draw_chart(frame, chart);
        self.draw_figures(frame, figures, &facts, columns);
        let workers = Paragraph::new(workers(&self.last.status)).style(faded());
        frame.render_widget(workers, foot);
    }

    fn draw_head(&self, frame: &mut Frame, area: Rect) {
        let status = &self.last.status;
        let name = Span::styled(&status.pipeline, Modifier::BOLD);
        let url = Span::raw(format!(" {} {}", status.version, self.url));
        let up = format!(" up {}", span(status.now.0 - status.started.0));
        split(frame, area, Line::from(vec![name, url]), up);
    }

    fn draw_condition(&self, frame: &mut Frame, area: Rect) {
        let status = &self.last.status;
        let condition = Condition::of(status);
        let (text, color) = match &self.stale {
            Some(_) => (format!("stale since {}", clock(status.now.0)), Color::Red),
            None => (condition.text(status), color_of(condition)),
        };
        let style = self.color(color).add_modifier(Modifier::BOLD);
        split(frame, area, Line::styled(text, style), " q leaves".to_owned());
    }

    /// The texts that a person must read, one line each.
    fn notices(&self) -> Vec<Line<'static>> {
        let wrong = self.stale.iter().cloned().chain(notices(&self.last.status));
        let wrong = wrong.map(|text| Line::styled(text, self.color(Color::Red)));
        let besides = first(&warnings(&self.last.status)).into_iter();
        let besides = besides.map(|text| Line::styled(text, self.color(Color::Yellow)));
        let help = explanations(&self.last.status).into_iter().take(1);
        let help = help.map(|text| Line::styled(text, faded()));
        wrong.chain(besides).chain(help).collect()
    }

    /// Lines that the notices need when they are wrapped, at most a third of the screen.
    fn notices_height(&self, area: Rect) -> u16 {
        let width = usize::from(area.width.max(1));
        let lines = |line: &Line<'_>| match line.width().div_ceil(width) {
            // Wrapping leaves space at line ends: one line more.
            several @ 2.. => several + 1,
            one => one,
        };
        let lines: usize = self.notices().iter().map(lines).sum();
        u16::try_from(lines).unwrap_or(u16::MAX).min(area.height / 3)
    }

    fn draw_chart(&self, frame: &mut Frame, area: Rect) {
        let Bars { step, heights, peak } = bars(&self.last.history, area.width.into());
        let mut chart = Sparkline::default()
            .max(heights.iter().max().copied().unwrap_or(0).max(1))
            .data(heights)
            .direction(RenderDirection::RightToLeft)
            .style(if self.stale.is_some() { faded() } else { self.color(Color::Cyan) });
        if area.height >= TITLED {
            let title = format!("stored/s, {step} s a bar, peak {} ", rate(peak));
            chart = chart.block(Block::new().borders(Borders::TOP | Borders::BOTTOM).title(title));
        }
        frame.render_widget(chart, area);
    }

    fn draw_figures(&self, frame: &mut Frame, area: Rect, facts: &[Vec<Fact>], columns: u16) {
        let rows = Layout::vertical(heights(facts, columns)).split(area);
        let row = Layout::horizontal(vec![Constraint::Fill(1); columns.into()]).spacing(2);
        let cells = rows.iter().flat_map(|area| row.split(*area).to_vec());
        for (group, cell) in facts.iter().zip(cells) {
            for (fact, line) in group.iter().zip(cell.rows()) {
                self.draw_fact(frame, line, fact);
            }
        }
    }

    fn draw_fact(&self, frame: &mut Frame, area: Rect, fact: &Fact) {
        let value = match (self.stale.is_some(), fact.alarming) {
            (true, _) => faded(),
            (false, true) => self.color(Color::Yellow).add_modifier(Modifier::BOLD),
            (false, false) => Style::new().add_modifier(Modifier::BOLD),
        };
        frame.render_widget(Paragraph::new(fact.label).style(faded()), area);
        let value = Paragraph::new(Span::styled(&fact.value, value)).alignment(Alignment::Right);
        frame.render_widget(value, area);
    }

    fn color(&self, color: Color) -> Style {
        if self.colored { Style::new().fg(color) } else { Style::new() }
    }
}

/// Red: a person must act. Yellow: a person should look.
fn color_of(condition: Condition) -> Color {
    match condition {
        Condition::Stalled => Color::Red,
        Condition::Working(Progress::QueryOnly | Progress::Idle | Progress::Running) => {
            Color::Green
        }
        Condition::PartlyStalled | Condition::Degraded(_) | Condition::Working(_) => Color::Yellow,
    }
}

fn faded() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// Heights of the rows of groups, with this many groups side by side.
fn heights(facts: &[Vec<Fact>], columns: u16) -> Vec<u16> {
    let rows = facts.chunks(usize::from(columns));
    let height = |row: &[Vec<Fact>]| row.iter().map(Vec::len).max().unwrap_or(0);
    rows.map(|row| u16::try_from(height(row)).unwrap_or(u16::MAX)).collect()
}

/// Draws one text at the left and one at the right. If they do not fit, the left one is cut.
fn split(frame: &mut Frame, area: Rect, left: Line<'_>, right: String) {
    let width = u16::try_from(right.chars().count()).unwrap_or(u16::MAX);
    let [start, end] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(width)]).areas(area);
    frame.render_widget(left, start);
    frame.render_widget(Line::raw(right), end);
}
