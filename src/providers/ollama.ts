import type { Provider } from './provider.ts'

/** Ollama, on a machine of one's own or in its cloud. */
export const ollama: Provider = {
  name: 'ollama',
  title: 'Ollama',
  kind: 'self-hosted',
  endpoints: [
    {
      protocol: 'openai-chat',
      baseUrl: 'http://localhost:11434/v1',
      paths: { create: '/chat/completions', models: '/models' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        // Ollama docs "OpenAI compatibility", 2026-10. `tool_choice` is not heeded.
        maxTokensField: 'max_tokens',
        toolChoices: ['auto'],
        noneDropsTools: true,
        parallelField: false,
        strictTools: false,
        customTools: false,
        systemRole: 'system',
      },
    },
    {
      // Ollama docs "Anthropic compatibility", 2026-10.
      protocol: 'anthropic',
      baseUrl: 'http://localhost:11434',
      paths: { create: '/v1/messages' },
      auth: { header: 'authorization', scheme: 'Bearer' },
      quirks: {
        strictTools: false,
        structuredOutput: false,
        forcedChoice: false,
        thinking: 'manual',
      },
    },
  ],
  keyVariables: ['OLLAMA_API_KEY'],
  keyOptional: true,
  baseUrlVariables: ['OLLAMA_BASE_URL'],
  anyModel: true,
  models: [
    {
      // "registry.ollama.ai/library/gemma3:4b does not support tools": models whose template has no
      // place for them (Ollama's library, 2026-10; not verified for every one).
      match:
        /^(.*\/)?(gemma[23]?|gemma3n|codegemma|phi3?|llama[23]|codellama|llava|bakllava|moondream|tinyllama|vicuna|orca-mini|neural-chat|dolphin-mistral|deepseek-coder|starcoder2?|wizardlm2?|solar)(:|$)/,
      quirks: { nativeTools: false },
    },
  ],
}
