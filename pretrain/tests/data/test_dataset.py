"""Reading a data set: the tiny one that `npm run dataset` drew (test/fixtures/dataset), and broken copies."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import unittest
import zlib
from pathlib import Path
from typing import Any, Callable
from unittest import mock

import numpy as np
from PIL import Image

from pretrain.data import dataset
from pretrain.data.dataset import load_split, shrink
from pretrain.errors import (
    BadDataset,
    CacheNotWritten,
    CorruptTar,
    MissingFile,
    MissingTar,
    PretrainError,
    SizeNotInDataset,
)

FIXTURE = Path(__file__).resolve().parents[3] / "test" / "fixtures" / "dataset"
STYLES = ["adventurer", "bigSmile", "dylan", "lorelei", "micah", "openPeeps", "personas", "toonHead"]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class DatasetCase(unittest.TestCase):
    """A copy of the tiny data set: 16 training images in two tars, 8 held-out ones in one, 128 px."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name) / "set"
        shutil.copytree(FIXTURE, self.folder)

    def about(self) -> dict[str, Any]:
        return json.loads((self.folder / "dataset.json").read_text())

    def change(self, edit: Callable[[dict[str, Any]], Any]) -> None:
        """Rewrites dataset.json."""
        about = self.about()
        edit(about)
        (self.folder / "dataset.json").write_text(json.dumps(about))

    def replace_tar(self, content: bytes) -> None:
        """Puts another held-out tar in place, with its size and sha256 in dataset.json."""
        (self.folder / "held-out-00000.tar").write_bytes(content)
        told = {"bytes": len(content), "sha256": sha256(content)}
        self.change(lambda about: about["splits"]["held-out"]["tars"][0].update(told))

    def replace_attributes(self, content: bytes) -> None:
        """Puts another attributes.jsonl in place, with its size and sha256 in dataset.json."""
        (self.folder / "attributes.jsonl").write_bytes(content)
        self.change(lambda about: about["attributes"].update(bytes=len(content), sha256=sha256(content)))

    def held_out_members(self) -> list[tuple[tarfile.TarInfo, bytes]]:
        with tarfile.open(self.folder / "held-out-00000.tar") as tar:
            return [(member, tar.extractfile(member).read()) for member in tar]

    def assert_refused(self, error: type[PretrainError], message: str, split: str = "held-out") -> None:
        """load_split throws `error` with `message` in it and leaves no cache behind."""
        with self.assertRaisesRegex(error, message):
            load_split(self.folder, split, 128)
        self.assertEqual([file.name for file in (self.folder / "cache").glob("*")], [])


class WholeDataset(DatasetCase):
    def test_images_labels_keys_and_attributes_belong_together(self) -> None:
        split = load_split(self.folder, "train", 128)
        self.assertEqual((split.images.shape, split.images.dtype), ((16, 128, 128, 3), np.uint8))
        self.assertEqual((split.labels.tolist(), split.labels.dtype), ([*range(8)] * 2, np.int64))
        self.assertEqual(split.keys, [f"{style}/00000{index}" for index in (0, 1) for style in STYLES])
        for image, shown in zip(split.images, split.attributes):
            background = "#" + bytes(image[0, 0]).hex()
            self.assertEqual(shown["background"], background)
        self.assertIs(split.attributes[13]["glasses"], False)
        self.assertIs(split.attributes[5]["glasses"], True)

    def test_pixels_are_those_that_were_drawn(self) -> None:
        for name, count in (("train", 16), ("held-out", 8)):
            split = load_split(self.folder, name, 128)
            self.assertEqual(len(split.keys), count)
            tars = self.about()["splits"][name]["tars"]
            for number, tar in enumerate(tars):
                drawn = split.images[number * 8 : number * 8 + 8].tobytes()
                self.assertEqual(sha256(drawn), tar["pixelsSha256"])

    def test_64_px_are_the_same_bytes_as_the_drawing_shrinks_to(self) -> None:
        images = load_split(self.folder, "train", 64).images
        # adventurer/0 and bigSmile/1, as test/dataset/draw.test.ts has them
        self.assertEqual(sha256(images[0].tobytes())[:16], "5cf5cb309e7cb7ed")
        self.assertEqual(sha256(images[9].tobytes())[:16], "ef7f026cc98da711")

    def test_means_are_rounded_half_up_channel_by_channel(self) -> None:
        image = np.zeros((1, 4, 4, 3), np.uint8)
        image[0, 0, 0], image[0, 0, 1] = (10, 0, 255), (11, 0, 255)
        image[0, 1, 0], image[0, 1, 1] = (11, 1, 255), (12, 1, 254)
        self.assertEqual(shrink(image, 2)[0, 0, 0].tolist(), [11, 1, 255])
        self.assertEqual(shrink(image, 1)[0, 0, 0].tolist(), [3, 0, 64])
        self.assertEqual(int(shrink(image, 2)[0, 1:].max()), 0)
        self.assertTrue((shrink(np.full((1, 4, 4, 3), 255, np.uint8), 2) == 255).all())

    def test_images_cannot_be_written_to(self) -> None:
        images = load_split(self.folder, "held-out", 128).images
        self.assertIsInstance(images, np.memmap)
        with self.assertRaises(ValueError):
            images[0] = 0

    def test_progress_is_told_tar_by_tar(self) -> None:
        said: list[str] = []
        load_split(self.folder, "train", 128, said.append)
        self.assertEqual(said, ["decoded 8/16 images", "decoded 16/16 images"])


class Cache(DatasetCase):
    def files(self) -> list[str]:
        return sorted(file.name for file in (self.folder / "cache").iterdir())

    def test_a_split_is_decoded_once(self) -> None:
        first = load_split(self.folder, "train", 64).images
        with mock.patch.object(dataset, "read_tar", side_effect=AssertionError("decoded again")):
            again = load_split(self.folder, "train", 64).images
        self.assertTrue(np.array_equal(first, again))
        self.assertEqual(len(self.files()), 1)

    def test_each_size_and_split_has_its_own(self) -> None:
        shapes = [load_split(self.folder, "train", size).images.shape[1] for size in (128, 64, 32, 64)]
        self.assertEqual(shapes, [128, 64, 32, 64])
        load_split(self.folder, "held-out", 64)
        self.assertEqual(len(self.files()), 4)

    def test_other_tars_do_not_get_the_images_of_the_former_ones(self) -> None:
        former = np.array(load_split(self.folder, "held-out", 128).images)
        members = self.held_out_members()
        contents = [data for _, data in members]
        self.replace_tar(tar_of([(info.name, data) for (info, _), data in zip(members, reversed(contents))]))
        self.assertTrue(np.array_equal(load_split(self.folder, "held-out", 128).images, former[::-1]))

    def test_half_a_cache_is_decoded_again(self) -> None:
        whole = np.array(load_split(self.folder, "held-out", 64).images)
        path = self.folder / "cache" / self.files()[0]
        for keep in (0, 5, 60, 500):
            with self.subTest(keep=keep):
                path.write_bytes(path.read_bytes()[:keep])
                self.assertTrue(np.array_equal(load_split(self.folder, "held-out", 64).images, whole))

    def test_a_cache_of_another_shape_or_kind_is_not_used(self) -> None:
        whole = np.array(load_split(self.folder, "held-out", 64).images)
        path = self.folder / "cache" / self.files()[0]
        for other in (whole[:7], whole.astype(np.float32), np.array([{"a": 1}], dtype=object)):
            np.save(path, other)
            again = load_split(self.folder, "held-out", 64).images
            self.assertEqual(again.dtype, np.uint8)
            self.assertTrue(np.array_equal(again, whole))

    def test_a_cache_that_cannot_be_written_is_told_with_its_size(self) -> None:
        (self.folder / "cache").write_text("a file where the folder should be")
        with self.assertRaisesRegex(CacheNotWritten, r"needs 0 MB and cannot be written"):
            load_split(self.folder, "held-out", 64)

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs a file that answers like a full disk")
    def test_a_full_disk_leaves_no_cache(self) -> None:
        (self.folder / "cache").mkdir()
        real = Path.open

        def full(path: Path, mode: str = "r"):
            return real(Path("/dev/full") if mode == "wb" else path, mode)

        with mock.patch.object(Path, "open", full):
            with self.assertRaisesRegex(CacheNotWritten, "No space left"):
                load_split(self.folder, "held-out", 128)
        self.assertEqual(self.files(), [])


def tar_of(members: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def png_of(size: tuple[int, int], mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, "PNG")
    return buffer.getvalue()


class BrokenTars(DatasetCase):
    def test_a_missing_tar_is_named(self) -> None:
        (self.folder / "held-out-00000.tar").unlink()
        mend = "the same npm run dataset draws it again"
        self.assert_refused(MissingTar, rf"held-out-00000\.tar is not there; {mend}")

    def test_a_second_tar_that_is_missing_leaves_no_half_cache(self) -> None:
        (self.folder / "train-00001.tar").unlink()
        self.assert_refused(MissingTar, r"train-00001\.tar", "train")

    def test_a_truncated_tar_is_told_by_its_size(self) -> None:
        os.truncate(self.folder / "held-out-00000.tar", 1000)
        self.assert_refused(CorruptTar, r"has 1000 bytes instead of 33792")

    def test_a_flipped_bit_is_told_by_its_sha256(self) -> None:
        path = self.folder / "held-out-00000.tar"
        content = bytearray(path.read_bytes())
        content[20000] ^= 1
        path.write_bytes(content)
        self.assert_refused(CorruptTar, r"has sha256 [0-9a-f]{12}… instead of 5013ddcd056c…")

    def test_what_is_in_a_tar_is_checked_even_when_its_sha256_is_right(self) -> None:
        members = [(info.name, data) for info, data in self.held_out_members()]
        first, rest = members[0], members[1:]
        link = tarfile.TarInfo(first[0])
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        whole = tar_of(members)

        def with_first(data: bytes, name: str = first[0]) -> bytes:
            return tar_of([(name, data), *rest])

        hostile = {
            "a name outside": (with_first(first[1], "../../x.png"), "is ../../x.png and not the file"),
            "another order": (tar_of([*rest, first]), "member 0 is bigSmile/003000.png and not"),
            "a link": (link.tobuf(tarfile.USTAR_FORMAT) + tar_of(rest), "not the file adventurer/003000.png"),
            "too few": (tar_of(members[:7]), "holds 7 of its 8 images"),
            "too many": (tar_of([*members, ("more.png", b"")]), "more.png follows its 8 images"),
            "an empty tar": (tar_of([]), "holds 0 of its 8 images"),
            "no tar": (b"\x01" * 2000, "cannot be read as a tar"),
            "nothing": (b"", "cannot be read as a tar"),
            "a member cut off": (whole[:5000], "cannot be read as a tar"),
            "a small image": (with_first(png_of((64, 64))), "is RGB of 64 × 64 instead of RGB of 128"),
            "a huge image": (with_first(png_of((128, 5000))), "is RGB of 128 × 5000 instead"),
            "grey": (with_first(png_of((128, 128), "L")), "is L of 128 × 128 instead of RGB"),
            "another format": (with_first(b"GIF89a" + bytes(100)), "is no whole PNG"),
            "half a PNG": (with_first(first[1][: len(first[1]) // 2]), "is no whole PNG"),
        }
        for name, (content, message) in hostile.items():
            with self.subTest(name):
                self.replace_tar(content)
                self.assert_refused(CorruptTar, message)

    def test_a_png_that_claims_billions_of_pixels_is_refused_before_they_are_made(self) -> None:
        (name, data), *rest = [(info.name, data) for info, data in self.held_out_members()]
        header = b"IHDR" + (60000).to_bytes(4, "big") * 2 + data[24:29]
        crc = zlib.crc32(header).to_bytes(4, "big")
        self.replace_tar(tar_of([(name, data[:12] + header + crc + data[33:]), *rest]))
        self.assert_refused(CorruptTar, "is no whole PNG|60000")

    def test_no_changed_byte_brings_anything_but_images_or_a_named_error(self) -> None:
        whole = (self.folder / "held-out-00000.tar").read_bytes()
        first_header, first_png, others = range(0, 512, 3), range(512, 700, 2), range(5000, len(whole), 1999)
        for at in (*first_header, *first_png, *others):
            content = bytearray(whole)
            content[at] ^= 0xFF
            self.replace_tar(bytes(content))
            try:
                load_split(self.folder, "held-out", 128)
            except CorruptTar:
                pass


class BrokenDescriptions(DatasetCase):
    def test_a_folder_without_data_set_names_the_command_that_makes_one(self) -> None:
        (self.folder / "dataset.json").unlink()
        self.assert_refused(MissingFile, r"dataset\.json is not there; npm run dataset -- --out .* draws it")

    def test_lost_attributes_are_named(self) -> None:
        (self.folder / "attributes.jsonl").unlink()
        self.assert_refused(MissingFile, r"attributes\.jsonl is not there")

    def test_changed_attributes_are_noticed(self) -> None:
        with (self.folder / "attributes.jsonl").open("a") as file:
            file.write("\n")
        self.assert_refused(BadDataset, r"its \d+ bytes are not those that dataset.json lists")

    def test_an_unknown_split_names_those_that_are_there(self) -> None:
        with self.assertRaisesRegex(BadDataset, "no split 'test', but train, held-out"):
            load_split(self.folder, "test", 128)

    def test_dataset_json_is_looked_at_field_by_field(self) -> None:
        def tar(**changes: Any) -> Callable[[dict[str, Any]], None]:
            return lambda about: about["splits"]["held-out"]["tars"][0].update(changes)

        hostile: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
            (lambda about: about.update(format=2), "format is 2"),
            (lambda about: about.update(size="128"), "size is '128' and no whole number"),
            (lambda about: about.update(size=True), "size is True and no whole number"),
            (lambda about: about.update(size=10**9), "size is 1000000000, and 1 to 1024"),
            (lambda about: about.update(styles=["a", 1]), "styles are no names"),
            (lambda about: about.pop("splits"), "splits are missing"),
            (lambda about: about["splits"]["held-out"].pop("tars"), "no list of tars"),
            (lambda about: about["splits"]["held-out"].update(count=9), "9 images, and .* describes 8"),
            (tar(count=7), "7 images, and attributes.jsonl describes 8"),
            (tar(count=-8), "count is -8 and no whole number"),
            (tar(file="../held-out-00000.tar"), "is no name of a tar of held-out"),
            (tar(file="train-00000.tar"), "is no name of a tar of held-out"),
            (tar(file=None), "None is no name of a tar"),
            (tar(sha256="abc"), "no sha256 of 64 hexadecimal digits"),
            (lambda about: about["attributes"].update(file="/etc/passwd"), "attributes.jsonl is not listed"),
        ]
        for edit, message in hostile:
            with self.subTest(message):
                shutil.copy(FIXTURE / "dataset.json", self.folder)
                self.change(edit)
                self.assert_refused(BadDataset, message)
        for text in ("", "{", "[]", "null", "[" * 100_000, '{"format": 1'):
            with self.subTest(text[:20]):
                (self.folder / "dataset.json").write_text(text)
                self.assert_refused(BadDataset, "dataset.json: no JSON")

    def test_attributes_are_looked_at_line_by_line(self) -> None:
        lines = (self.folder / "attributes.jsonl").read_text().splitlines()

        def with_last(**changes: Any) -> bytes:
            return "\n".join([*lines[:-1], json.dumps({**json.loads(lines[-1]), **changes})]).encode()

        hostile = [
            (with_last(label=8), "line 24: label 8, but there are 8 styles"),
            (with_last(label=-1), "label is -1 and no whole number"),
            (with_last(label=6), "line 24: key 'toonHead/003000' instead of personas/003000"),
            (with_last(key="../003000"), r"key '\.\./003000' instead of toonHead/003000"),
            (with_last(index=2999, key="toonHead/002999"), "line 24: toonHead/002999 stands after a later"),
            (with_last(attributes={"hair": 3}), "line 24: attributes are no words"),
            (with_last(attributes=None), "line 24: attributes are no words"),
            ("\n".join([*lines, lines[-1]]).encode(), "line 25: toonHead/003000 stands after a later image"),
            ("\n".join(lines[:16]).encode(), "held-out has no images"),
            ("\n".join(lines[:-1]).encode(), "held-out has 8 images, and attributes.jsonl describes 7"),
            ("\n".join([*lines, "{"]).encode(), "line 25: no JSON"),
            ("\n".join([*lines, "3"]).encode(), "line 25: no JSON object"),
            (b"\xff\xfe", "line 1: no JSON"),
        ]
        for content, message in hostile:
            with self.subTest(message):
                self.replace_attributes(content)
                self.assert_refused(BadDataset, message)

    def test_sizes_that_the_drawing_cannot_become_are_refused(self) -> None:
        self.change(lambda about: about.update(size=96))
        # a third of a side: the mean of nine pixels has no half that could be rounded up
        with self.assertRaisesRegex(SizeNotInDataset, "32 px is no even part"):
            load_split(self.folder, "train", 32)
        shutil.copy(FIXTURE / "dataset.json", self.folder)
        for size in (0, -64, 96, 100, 127, 256):
            with self.subTest(size):
                message = f"images of 128 px, and {size} px is no even part"
                with self.assertRaisesRegex(SizeNotInDataset, message):
                    load_split(self.folder, "train", size)


if __name__ == "__main__":
    unittest.main()
