"""The package google-genai, unchanged: functions called by itself, and chats answered by hand."""

from google import genai
from google.genai import types

from weather import DESCRIPTION, FOLLOW_UP, NAME, PARAMETERS, QUESTION, Weather, options

given = options()
client = genai.Client(api_key="any", http_options=types.HttpOptions(base_url=given.base))


def automatic(weather):
    def get_weather(city: str) -> str:
        """Get the weather of a city

        Args:
            city: Name of the city
        """
        return weather.run(city)

    chat = client.chats.create(
        model=given.model, config=types.GenerateContentConfig(tools=[get_weather])
    )

    def ask(text, streamed):
        if streamed:
            return "".join(chunk.text or "" for chunk in chat.send_message_stream(text))
        return chat.send_message(text).text

    return ask


def by_hand(weather):
    declaration = types.FunctionDeclaration(
        name=NAME, description=DESCRIPTION, parameters_json_schema=PARAMETERS
    )
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declaration])])
    chat = client.chats.create(model=given.model, config=config)

    def parts_of(response):
        candidate = response.candidates[0]
        return (candidate.content and candidate.content.parts) or []

    def send(message, streamed):
        if streamed:
            return [part for chunk in chat.send_message_stream(message) for part in parts_of(chunk)]
        return parts_of(chat.send_message(message))

    def ask(text, streamed):
        parts = send(text, streamed)
        calls = [part.function_call for part in parts if part.function_call]
        if calls:
            answers = [
                types.Part(
                    function_response=types.FunctionResponse(
                        id=call.id, name=call.name, response={"output": weather.run(**call.args)}
                    )
                )
                for call in calls
            ]
            parts = send(answers, streamed)
        return "".join(part.text or "" for part in parts)

    return ask


for manner in (automatic, by_hand):
    for streamed in (False, True):
        weather = Weather()
        ask = manner(weather)
        weather.expect_both(ask(QUESTION, streamed))
        weather.expect_third(ask(FOLLOW_UP, streamed))
        print(f"{manner.__name__}, streamed: {streamed}: passed")
