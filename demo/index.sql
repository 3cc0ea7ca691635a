CREATE INDEX masks_chi ON masks USING chi (mask) WITH (cell_width = 28, cell_height = 28, bins = 16);
