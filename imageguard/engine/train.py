"""Makes `tables.npz` from a folder of pictures:  python -m imageguard.engine.train FOLDER [FOLDER …]

The numbers are means over some hundred thousand descriptors, so any varied set of product photos will do. Changing
them changes every stored fingerprint: bump `fingerprints.VERSION`, and have every original's fingerprint made anew.
Needs faiss (for its k-means), which running the engine does not.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from imageguard.engine import features, images
from imageguard.engine.images import Floats
from imageguard.engine.tables import BITS, DIMENSIONS, FILE, PARTS, WORDS

SIDES = (320, 448, 640)
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def descriptors(folders: list[Path]) -> Floats:
    files = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    found = []
    for file in files:
        with Image.open(file) as image:
            picture = images.grey(images.to_rgb(image))
        found += [features.extract(images.fit(picture, side), 400).descriptors for side in SIDES]
    return np.concatenate(found)


def train(sample: Floats) -> dict[str, Floats]:
    sample = np.concatenate([sample, sample[:, features.MIRROR]])  # a mirrored copy meets the same words
    mean = sample.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((sample - mean).T))
    basis = vectors[:, np.argsort(-values)[:DIMENSIONS]].astype(np.float32)
    # Strong and weak components share a code, so that each of the 32 bytes has about as much to say.
    basis = basis[:, np.stack([np.arange(PARTS), DIMENSIONS - 1 - np.arange(PARTS)], axis=1).ravel()]
    projected = np.ascontiguousarray((sample - mean) @ basis)
    codebook = np.stack([_means(np.ascontiguousarray(projected[:, 2 * p : 2 * p + 2]), 256) for p in range(PARTS)])
    words = _means(projected, WORDS)
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(DIMENSIONS, BITS)))[0]
    return {"mean": mean, "basis": basis, "codebook": codebook, "words": words, "rotation": rotation}


def _means(points: Floats, count: int) -> Floats:
    import faiss

    kmeans = faiss.Kmeans(points.shape[1], count, niter=20, seed=1, max_points_per_centroid=100)
    kmeans.train(points)
    return np.asarray(kmeans.centroids, np.float32).reshape(count, -1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=FILE)
    asked = parser.parse_args()
    sample = descriptors(asked.folders)
    small = {name: values.astype(np.float16) for name, values in train(sample).items()}
    np.savez_compressed(asked.out, allow_pickle=False, **small)
    sys.stdout.write(f"{len(sample):,} descriptors → {asked.out}, {asked.out.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
