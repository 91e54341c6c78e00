"""Values keep their kinds, secrets and unknowns on the way through the wire format, and secrets never show."""

import unittest

from standin.values import UNKNOWN, Secret, decode, encode, has_unknown, mark_like, plain, redact, secret_texts


class Wire(unittest.TestCase):
    def test_every_kind_survives_the_round_trip(self):
        properties = {
            "text": "a",
            "empty": "",
            "whole": 8,
            "fraction": 0.5,
            "yes": True,
            "no": False,
            "list": [1, "b", [], {}],
            "map": {"inner": {"deep": "x"}},
            "nothing in it": {},
            "unknown": UNKNOWN,
            "secret": Secret({"a": ["b"]}),
        }
        self.assertEqual(decode(encode(properties)), properties)

    def test_numbers_stay_numbers_and_booleans_booleans(self):
        back = decode(encode({"number": 1, "flag": True}))
        self.assertIs(type(back["number"]), int)
        self.assertIs(back["flag"], True)

    def test_none_is_left_out(self):
        self.assertEqual(decode(encode({"a": None, "b": 1})), {"b": 1})

    def test_what_is_no_value_is_refused(self):
        with self.assertRaises(TypeError):
            encode({"a": object()})


class Secrets(unittest.TestCase):
    def test_a_secret_cannot_be_printed(self):
        secret = Secret("tskey-planted")
        self.assertNotIn("planted", f"{secret} {secret!r} {[secret]} { {'a': secret} }")

    def test_plain_takes_every_mark_away(self):
        self.assertEqual(plain({"a": Secret([Secret("b")]), "c": {"d": Secret(1)}}), {"a": ["b"], "c": {"d": 1}})

    def test_marks_are_put_back_where_they_were(self):
        cases = [
            ("x", Secret("y"), Secret("x")),
            ({"a": "1", "b": "2"}, {"a": Secret("0"), "b": "2"}, {"a": Secret("1"), "b": "2"}),
            (["1", "2"], [Secret("1"), "2"], [Secret("1"), "2"]),
            ("plain", "other", "plain"),
            ({"new": "1"}, None, {"new": "1"}),
        ]
        for value, pattern, wanted in cases:
            with self.subTest(value=value):
                self.assertEqual(mark_like(value, pattern), wanted)

    def test_another_form_is_hidden_as_a_whole(self):
        self.assertEqual(mark_like('{"a":"1"}', {"a": Secret("1")}), Secret('{"a":"1"}'))
        self.assertEqual(mark_like(["1", "2"], [Secret("1")]), Secret(["1", "2"]))

    def test_messages_lose_every_secret_text(self):
        secrets = secret_texts({"a": Secret({"b": ["tskey-1", 5]}), "c": [Secret("tskey-12")], "d": "public"})
        self.assertEqual(secrets, {"tskey-1", "tskey-12"})
        self.assertEqual(redact("tskey-12 and tskey-1 and public", secrets), "[secret] and [secret] and public")

    def test_unknowns_are_found_inside_secrets(self):
        self.assertTrue(has_unknown({"a": [Secret({"b": UNKNOWN})]}))
        self.assertFalse(has_unknown({"a": [Secret({"b": "c"})]}))
