"""The package openai, unchanged: Chat Completions and Responses, whole and streamed."""

from openai import OpenAI

from weather import DESCRIPTION, FOLLOW_UP, NAME, PARAMETERS, QUESTION, Weather, options

given = options()
client = OpenAI(base_url=f"{given.base}/v1", api_key="any", max_retries=0)


def ask_chat(weather, messages, text, streamed):
    function = {"name": NAME, "description": DESCRIPTION, "parameters": PARAMETERS, "strict": True}
    body = {"model": given.model, "tools": [{"type": "function", "function": function}]}
    messages.append({"role": "user", "content": text})
    while True:
        if streamed:
            with client.chat.completions.stream(messages=messages, **body) as stream:
                message = stream.get_final_completion().choices[0].message
        else:
            message = client.chat.completions.create(messages=messages, **body).choices[0].message
        messages.append(message)
        if not message.tool_calls:
            return message.content
        for call in message.tool_calls:
            content = weather.run_text(call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": content})


def ask_responses(weather, items, text, streamed):
    tool = {"type": "function", "name": NAME, "description": DESCRIPTION, "parameters": PARAMETERS}
    body = {"model": given.model, "tools": [{**tool, "strict": True}], "store": False}
    items.append({"role": "user", "content": text})
    while True:
        if streamed:
            with client.responses.stream(input=items, **body) as stream:
                response = stream.get_final_response()
        else:
            response = client.responses.create(input=items, **body)
        items.extend(response.output)
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return response.output_text
        for call in calls:
            output = weather.run_text(call.arguments)
            items.append(
                {"type": "function_call_output", "call_id": call.call_id, "output": output}
            )


for ask in (ask_chat, ask_responses):
    for streamed in (False, True):
        weather = Weather()
        history = []
        weather.expect_both(ask(weather, history, QUESTION, streamed))
        weather.expect_third(ask(weather, history, FOLLOW_UP, streamed))
        print(f"{ask.__name__}, streamed: {streamed}: passed")
