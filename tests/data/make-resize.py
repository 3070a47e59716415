#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/data/resize: a picture and what Pillow's BILINEAR makes of it at other sizes."""

import pathlib

import numpy as np
from PIL import Image

FOLDER = pathlib.Path(__file__).resolve().parent / "resize"
SIZES = [(8, 8), (64, 48), (37, 5), (11, 23), (20, 61)]

rng = np.random.default_rng(1)
coarse = Image.fromarray(rng.integers(0, 256, (6, 9, 3), dtype=np.uint8)).resize((37, 23), Image.Resampling.BICUBIC)
noise = rng.integers(-40, 41, (23, 37, 3))
picture = Image.fromarray(np.clip(np.asarray(coarse).astype(int) + noise, 0, 255).astype(np.uint8))
picture.save(FOLDER / "in.png")
for width, height in SIZES:
    picture.resize((width, height), Image.Resampling.BILINEAR).save(FOLDER / f"{width}x{height}.png")
