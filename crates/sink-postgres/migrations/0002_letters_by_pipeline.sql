-- A letter belongs to its pipeline. Letters from before, and those that an older instance goes on
-- burying, belong to the pipeline ''.
ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS pipeline text NOT NULL DEFAULT '';

CREATE UNIQUE INDEX IF NOT EXISTS dead_letters_pipeline_letter_key ON dead_letters (pipeline, letter_key);

-- What made a letter unique among those of all pipelines: two that refuse the same message would
-- keep one letter.
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT i.indexrelid::regclass::text AS index, quote_ident(c.conname) AS rule
        FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
        WHERE i.indrelid = 'dead_letters'::regclass AND i.indisunique AND i.indnkeyatts = 1
          AND a.attname = 'letter_key'
    LOOP
        IF old.rule IS NULL THEN
            EXECUTE 'DROP INDEX ' || old.index;
        ELSE
            EXECUTE 'ALTER TABLE dead_letters DROP CONSTRAINT ' || old.rule;
        END IF;
    END LOOP;
END $$;

-- One index for each kind of page, so that it costs the same however many letters others have.
CREATE INDEX IF NOT EXISTS dead_letters_pipeline ON dead_letters (pipeline, id);
CREATE INDEX IF NOT EXISTS dead_letters_pipeline_waiting ON dead_letters (pipeline, id)
    WHERE replayed_at IS NULL AND discarded_at IS NULL;
CREATE INDEX IF NOT EXISTS dead_letters_pipeline_document_key ON dead_letters (pipeline, document_key, id);
DROP INDEX IF EXISTS dead_letters_waiting;
DROP INDEX IF EXISTS dead_letters_document_key;
