import { join } from 'node:path'

/** How a coding agent is started for one session without a person. */
export interface Agent {
  readonly package: string
  readonly version: string
  readonly protocol: string
  /** The program below `node_modules`, and whether it is JavaScript. */
  readonly program: string
  readonly isScript: boolean
  /** The arguments of one session. */
  arguments(url: string, model: string, prompt: string): string[]
  /** The environment, beside `PATH` and `HOME`. */
  environment(url: string, model: string, home: string): { [name: string]: string }
  /** Files that it finds in its home. */
  files?(url: string, model: string): { [path: string]: string }
}

const platform = `${process.platform}-${process.arch}`

/**
 * The coding agents. What they are told beside the gateway's address keeps them from asking anybody:
 * a person for leave, or their makers for news. Codex also leaves out what only its vendor runs.
 */
export const AGENTS: readonly Agent[] = [
  {
    package: '@openai/codex',
    version: '0.171.0',
    protocol: 'Responses',
    program: '@openai/codex/bin/codex.js',
    isScript: true,
    arguments: (_, __, prompt) => [
      'exec',
      '--strict-config',
      '--skip-git-repo-check',
      ...['--sandbox', 'danger-full-access', prompt],
    ],
    environment: () => ({ TOOLGATE_KEY: 'any' }),
    // As docs/clients.md has it.
    files: (url, model) => ({
      '.codex/config.toml': `
model = "${model}"
model_provider = "toolgate"
web_search = "disabled"

[model_providers.toolgate]
name = "Toolgate"
base_url = "${url}/v1"
env_key = "TOOLGATE_KEY"
wire_api = "responses"

[features]
multi_agent = false
`,
    }),
  },
  {
    package: '@anthropic-ai/claude-code',
    version: '2.1.332',
    protocol: 'Messages',
    program: `@anthropic-ai/claude-code-${platform}/claude`,
    isScript: false,
    arguments: (_, model, prompt) => [
      '--print',
      '--bare',
      ...['--allowed-tools', 'Bash'],
      ...['--model', model, prompt],
    ],
    environment: (url, model, home) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'any',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      CLAUDE_CONFIG_DIR: join(home, '.claude'),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    }),
  },
  {
    package: '@google/gemini-cli',
    version: '0.61.0',
    protocol: 'generateContent',
    program: '@google/gemini-cli/bundle/gemini.js',
    isScript: true,
    arguments: (_, model, prompt) => [
      '--skip-trust',
      ...['--approval-mode', 'yolo'],
      ...['--model', model],
      ...['--prompt', prompt],
    ],
    environment: url => ({
      GEMINI_API_KEY: 'any',
      GOOGLE_GEMINI_BASE_URL: url,
      GEMINI_CLI_NO_RELAUNCH: 'true',
    }),
    files: () => ({
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    }),
  },
]
