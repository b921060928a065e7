-- +goose Up

-- What callers were told on entry of their wait, beside how long it was. Visits from before this column were told nothing.
ALTER TABLE visits ADD expected_us bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE visits DROP expected_us;
