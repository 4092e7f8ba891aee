--- The command line of paceline, run for the user, with the daemon's settings as the server has them.

local config = require('paceline.config')
local server = require('paceline.server')

local M = {}

---@return table<string, string>
local function environment()
  local variables = { NO_COLOR = '1' }
  for name, value in pairs(config.options.settings.daemon or {}) do
    variables['PACELINE_' .. name:upper()] = tostring(value)
  end
  return variables
end

--- Run a verb; what came of it is handed over in the main loop.
---@param arguments string[]
---@param stdin? string
---@param done fun(result: vim.SystemCompleted)
function M.run(arguments, stdin, done)
  local command = server.command()
  if not command then
    vim.notify(server.missing(), vim.log.levels.WARN)
    return
  end
  command = vim.list_extend(vim.list_slice(command, 1, #command - 1), arguments)
  vim.system(command, { stdin = stdin, env = environment(), text = true }, vim.schedule_wrap(done))
end

--- Run a verb and wait for it at most so many milliseconds; nil where there is no command.
---@param arguments string[]
---@param timeout integer
---@return vim.SystemCompleted?
function M.ask(arguments, timeout)
  local command = server.command()
  if not command then
    return nil
  end
  command = vim.list_extend(vim.list_slice(command, 1, #command - 1), arguments)
  return vim.system(command, { env = environment(), text = true }):wait(timeout)
end

--- What a run had to say: its output, or its complaint.
---@param result vim.SystemCompleted
---@return string
function M.said(result)
  return vim.trim(result.code == 0 and result.stdout or (result.stderr or '') .. (result.stdout or ''))
end

return M
