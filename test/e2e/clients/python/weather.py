"""What the scripts of all packages share: the tool, the questions, and what is expected."""

import argparse
import json

QUESTION = "What is the weather in Oslo and Lima?"
FOLLOW_UP = "And what is the weather in Cairo?"
READINGS = {"Oslo": "-4.25 degrees", "Lima": "21.75 degrees", "Cairo": "33.5 degrees"}
NAME = "get_weather"
DESCRIPTION = "Get the weather of a city"
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Name of the city"}},
    "required": ["city"],
    "additionalProperties": False,
}


class Weather:
    """The tool, which remembers what it was really called with."""

    def __init__(self):
        self.asked = []

    def run(self, city):
        self.asked.append(city)
        return READINGS[city]

    def run_text(self, arguments):
        return self.run(**json.loads(arguments))

    def expect_both(self, answer):
        """A first turn: two calls with the right arguments, and an answer made of their results."""
        expect(self.asked, ["Oslo", "Lima"])
        expect_in("-4.25", answer)
        expect_in("21.75", answer)

    def expect_third(self, answer):
        """The turn after it: one more call, and its result in the answer."""
        expect(self.asked[2:], ["Cairo"])
        expect_in("33.5", answer)


def expect(found, wanted):
    if found != wanted:
        raise SystemExit(f"expected {wanted!r}, found {found!r}")


def expect_in(part, text):
    if part not in (text or ""):
        raise SystemExit(f"expected {part!r} in {text!r}")


def options():
    """The gateway's address and the model's name, from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", default="http://127.0.0.1:8665", help="address of the gateway")
    parser.add_argument("--model", required=True)
    return parser.parse_args()
