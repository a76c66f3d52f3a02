/// What a terminal of 80 by 24 shows after the bytes that were written to it: texts and places, no colours.
pub struct Screen {
    cells: Vec<Vec<char>>,
    row: usize,
    column: usize,
    /// The escape sequence that has begun.
    sequence: Option<String>,
}

impl Screen {
    pub fn new() -> Self {
        Self { cells: vec![vec![' '; 80]; 24], row: 0, column: 0, sequence: None }
    }

    pub fn write(&mut self, text: &str) {
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

    pub fn text(&self) -> String {
        self.cells.iter().map(|row| row.iter().collect::<String>() + "\n").collect()
    }

    fn put(&mut self, character: char) {
        if let Some(cell) = self.cells.get_mut(self.row).and_then(|row| row.get_mut(self.column)) {
            *cell = character;
        }
        self.column += 1;
    }

    fn obey(&mut self) {
        let sequence = self.sequence.take().unwrap_or_default();
        let sequence = sequence.trim_start_matches('[');
        if let Some(place) = sequence.strip_suffix('H') {
            let (row, column) = place.split_once(';').unwrap_or(("1", "1"));
            (self.row, self.column) =
                (row.parse::<usize>().unwrap() - 1, column.parse::<usize>().unwrap() - 1);
        } else if sequence == "2J" {
            self.cells = Self::new().cells;
        }
    }
}
