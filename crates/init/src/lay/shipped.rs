//! The pipeline for shop orders that this repository ships.

use super::files::Files;

const CONFIG: &str = include_str!("../../../../pipeline.toml");

/// Removed from the configuration: the page is in the binary, so its folder is not written.
const FOLDER_OF_PAGE: &str = "static_dir = \"static\"\n";

/// The files of the pipeline, by their paths in the repository.
pub fn files() -> Files {
    let mut files = Files::default();
    files.add("pipeline.toml", CONFIG.replace(FOLDER_OF_PAGE, ""));
    files.add("pipeline.schema.json", EDITOR_SCHEMA);
    files.add(".env.example", include_str!("../../../../.env.example"));
    let schema = include_str!("../../../../schemas/order.schema.json");
    files.add("schemas/order.schema.json", schema);
    let sample = include_str!("../../../../schemas/order.sample.json");
    files.add("schemas/order.sample.json", sample);
    let letters = include_str!("../../../../sql/postgres/0001_dead_letters.sql");
    files.add("sql/postgres/0001_dead_letters.sql", letters);
    let orders = include_str!("../../../../sql/postgres/0002_orders.sql");
    files.add("sql/postgres/0002_orders.sql", orders);
    files
}

/// The JSON Schema of `pipeline.toml`, for editors.
pub const EDITOR_SCHEMA: &str = include_str!("../../../../pipeline.schema.json");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_the_page_is_the_only_difference() {
        assert_eq!(CONFIG.matches(FOLDER_OF_PAGE).count(), 1);
    }
}
