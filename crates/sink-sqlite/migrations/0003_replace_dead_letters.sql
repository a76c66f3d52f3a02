-- The new table takes the place of the old one.
-- Ids of letters that were purged are not given again.
DELETE FROM sqlite_sequence WHERE name = 'dead_letters_by_pipeline';
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'dead_letters_by_pipeline', seq FROM sqlite_sequence WHERE name = 'dead_letters';

DROP TABLE dead_letters;
ALTER TABLE dead_letters_by_pipeline RENAME TO dead_letters;

-- One index for each kind of page, so that it costs the same however many letters others have.
CREATE INDEX dead_letters_pipeline ON dead_letters (pipeline, id);
CREATE INDEX dead_letters_pipeline_waiting ON dead_letters (pipeline, id)
    WHERE replayed_at IS NULL AND discarded_at IS NULL;
CREATE INDEX dead_letters_pipeline_document_key ON dead_letters (pipeline, document_key, id);
