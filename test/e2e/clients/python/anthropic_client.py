"""The package anthropic, unchanged: its tool runner, whole and streamed, and its streaming helper."""

from anthropic import Anthropic, beta_tool

from weather import DESCRIPTION, FOLLOW_UP, NAME, PARAMETERS, QUESTION, Weather, options

given = options()
client = Anthropic(base_url=given.base, api_key="any", max_retries=0)


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def ask_runner(weather, messages, text, streamed):
    @beta_tool
    def get_weather(city: str) -> str:
        """Get the weather of a city

        Args:
            city: Name of the city
        """
        return weather.run(city)

    messages.append({"role": "user", "content": text})
    runner = client.beta.messages.tool_runner(
        model=given.model,
        max_tokens=500,
        tools=[get_weather],
        messages=messages,
        stream=streamed,
    )
    last = None
    for turn in runner:
        last = turn.get_final_message() if streamed else turn
        messages.append({"role": last.role, "content": last.content})
        answer = runner.generate_tool_call_response()
        if answer is not None:
            messages.append(answer)
    return text_of(last)


def ask_by_hand(weather, messages, text, streamed):
    tool = {"name": NAME, "description": DESCRIPTION, "input_schema": PARAMETERS}
    body = {"model": given.model, "max_tokens": 500, "tools": [tool]}
    messages.append({"role": "user", "content": text})
    while True:
        if streamed:
            with client.messages.stream(messages=messages, **body) as stream:
                message = stream.get_final_message()
        else:
            message = client.messages.create(messages=messages, **body)
        messages.append({"role": message.role, "content": message.content})
        calls = [block for block in message.content if block.type == "tool_use"]
        if not calls:
            return text_of(message)
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": weather.run(**call.input)}
            for call in calls
        ]
        messages.append({"role": "user", "content": results})


for ask in (ask_runner, ask_by_hand):
    for streamed in (False, True):
        weather = Weather()
        history = []
        weather.expect_both(ask(weather, history, QUESTION, streamed))
        weather.expect_third(ask(weather, history, FOLLOW_UP, streamed))
        print(f"{ask.__name__}, streamed: {streamed}: passed")
