use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A text of the repository.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A text for readers.
pub struct Page {
    /// Its path in the repository.
    pub path: String,
    pub text: String,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The number of its first line, from 0.
    pub line: usize,
    pub language: String,
    pub lines: Vec<String>,
    /// The `##` heading above it, counted from 0.
    pub section: usize,
}

impl Block {
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

impl Page {
    /// All texts, in the order of their paths.
    pub fn all() -> Vec<Self> {
        let folders = [".", "docs"].map(|folder| root().join(folder));
        let parents = ["crates", "examples"].map(|folder| root().join(folder));
        let below = parents.iter().flat_map(|parent| children(parent));
        let mut paths: Vec<_> =
            folders.into_iter().chain(below).flat_map(|it| texts(&it)).collect();
        paths.sort_unstable();
        assert!(paths.len() > 20, "{paths:?}");
        paths.into_iter().map(|path| Self { text: read(&path), path }).collect()
    }

    /// # Panics
    /// A fence is never closed.
    pub fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut open, mut section) = (Vec::new(), None::<Block>, 0);
        for (number, line) in self.text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(language), None) => {
                    let language = language.trim().to_owned();
                    open = Some(Block { line: number + 1, language, lines: vec![], section });
                }
                (None, Some(block)) => block.lines.push(line.to_owned()),
                (None, None) => section += usize::from(line.starts_with("## ")),
            }
        }
        assert!(open.is_none(), "{}: a fence is never closed", self.path);
        blocks
    }
}

fn children(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

fn texts(folder: &Path) -> Vec<String> {
    let is_text = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let below = |path: PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    let found = children(folder).into_iter().filter(is_text).map(below);
    found.map(|path| path.trim_start_matches("./").to_owned()).collect()
}
