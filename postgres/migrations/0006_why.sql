-- +goose Up

-- Why an agent was chosen, part by part, so that a page says it in its reader's language. Offers from before have the words only.
ALTER TABLE offers ADD why jsonb;

-- +goose Down
ALTER TABLE offers DROP why;
