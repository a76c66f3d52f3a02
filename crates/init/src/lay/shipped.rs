//! The pipeline of the shop orders as this repository ships it.

use super::files::Files;

const CONFIG: &str = include_str!("../../../../pipeline.toml");

/// The page is in the binary; a folder of it is not written.
const FOLDER_OF_PAGE: &str = "static_dir = \"static\"\n";

/// What it needs, by the paths in the repository.
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

/// What an editor knows of a pipeline by.
pub const EDITOR_SCHEMA: &str = include_str!("../../../../pipeline.schema.json");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_the_page_is_the_only_difference() {
        assert_eq!(CONFIG.matches(FOLDER_OF_PAGE).count(), 1);
    }
}
