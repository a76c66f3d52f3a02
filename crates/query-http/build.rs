//! Embeds the files of the page (`static/` at the root of the workspace) into the crate: as
//! they are, and compressed.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = manifest.join("../../static");
    let root = folder
        .canonicalize()
        .map_err(|error| io::Error::other(format!("{}: {error}", folder.display())))?;
    println!("cargo:rerun-if-changed={}", root.display());

    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut table = String::from("&[\n");
    for file in files_below(&root)? {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy();
        let gzip = out.join(format!("{}.gz", name.replace('/', "_")));
        compress(&file, &gzip)?;
        writeln!(table, "    ({name:?}, include_bytes!({file:?}), include_bytes!({gzip:?})),")
            .map_err(io::Error::other)?;
    }
    table.push(']');

    fs::write(out.join("embedded.rs"), table)
}

fn compress(from: &Path, to: &Path) -> io::Result<()> {
    let mut encoder = GzEncoder::new(fs::File::create(to)?, Compression::best());
    encoder.write_all(&fs::read(from)?)?;
    encoder.finish().map(|_| ())
}

/// All files except hidden ones, in a stable order.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            files.extend(files_below(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
