#!/usr/bin/env bash
# The first calls of the README: each protocol, with a model of the other vendor.
# Usage: first-call.sh [http://127.0.0.1:8665]
set -euo pipefail
base=${1:-http://127.0.0.1:8665}

chat=$(curl -sSf "$base/v1/chat/completions" -H 'content-type: application/json' -d '{
  "model": "claude-sonnet-4-5",
  "messages": [{"role": "user", "content": "What is the weather in Oslo?"}],
  "tools": [{"type": "function", "function": {"name": "get_weather",
    "description": "Get the weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]
}')
echo "$chat"
grep -q '"finish_reason":"tool_calls"' <<<"$chat"

messages=$(curl -sSf "$base/v1/messages" -H 'content-type: application/json' \
  -H 'anthropic-version: 2023-06-01' -d '{
  "model": "gpt-4o", "max_tokens": 500,
  "messages": [{"role": "user", "content": "What is the weather in Oslo?"}],
  "tools": [{"name": "get_weather", "description": "Get the weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]
}')
echo "$messages"
grep -q '"stop_reason":"tool_use"' <<<"$messages"

content=$(curl -sSf "$base/v1beta/models/claude-sonnet-4-5:generateContent" \
  -H 'content-type: application/json' -d '{
  "contents": [{"role": "user", "parts": [{"text": "What is the weather in Oslo?"}]}],
  "tools": [{"functionDeclarations": [{"name": "get_weather", "description": "Get the weather of a city",
    "parametersJsonSchema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]}]
}')
echo "$content"
grep -q '"functionCall"' <<<"$content"
