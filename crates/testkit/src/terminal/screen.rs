/// The screen of a terminal of 80 by 24 after the written bytes: texts at their places, without
/// colours.
pub(super) struct Screen {
    cells: Vec<Vec<char>>,
    row: usize,
    column: usize,
    /// An incomplete escape sequence.
    sequence: Option<String>,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self { cells: vec![vec![' '; 80]; 24], row: 0, column: 0, sequence: None }
    }

    pub(super) fn write(&mut self, text: &str) {
        for character in text.chars() {
            match &mut self.sequence {
                None if character == '\u{1b}' => self.sequence = Some(String::new()),
                None => self.put(character),
                Some(sequence) => {
                    sequence.push(character);
                    if character.is_ascii_alphabetic() {
                        self.obey();
                    }
                }
            }
        }
    }

    pub(super) fn text(&self) -> String {
        self.cells.iter().map(|row| row.iter().collect::<String>() + "\n").collect()
    }

    fn put(&mut self, character: char) {
        match character {
            '\r' => self.column = 0,
            '\n' => self.row += 1,
            shown => {
                let row = self.cells.get_mut(self.row);
                if let Some(cell) = row.and_then(|row| row.get_mut(self.column)) {
                    *cell = shown;
                }
                self.column += 1;
            }
        }
    }

    fn obey(&mut self) {
        let sequence = self.sequence.take().unwrap_or_default();
        let sequence = sequence.trim_start_matches('[');
        if let Some(place) = sequence.strip_suffix('H') {
            let (row, column) = place.split_once(';').unwrap_or(("1", "1"));
            let place = |text: &str| text.parse::<usize>().unwrap_or(1).saturating_sub(1);
            (self.row, self.column) = (place(row), place(column));
        } else if sequence == "2J" {
            self.cells = Self::new().cells;
        }
    }
}
