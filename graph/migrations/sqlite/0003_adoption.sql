-- `adopted` is the revision at which settings of the store last gave way to others, 0 before the first.
ALTER TABLE head ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;
