--- The command line of paceline, run for the user, with the daemon's settings as the server has them.

local config = require('paceline.config')
local server = require('paceline.server')

local M = {}

--- The variables that lead to the daemon of these settings.
---@return table<string, string>
local function environment()
  local variables = vim.empty_dict() -- which is a map where it stays empty
  for name, value in pairs(config.options.settings.daemon or {}) do
    variables['PACELINE_' .. name:upper()] = tostring(value)
  end
  return variables
end

---@return table<string, string>
local function without_colours()
  return vim.tbl_extend('force', environment(), { NO_COLOR = '1' })
end

--- The command line of a verb, run as the server is; nil where there is no program.
---@param arguments string[]
---@return string[]?
local function line(arguments)
  local command = server.command()
  return command and vim.list_extend(vim.list_slice(command, 1, #command - 1), arguments)
end

--- Run a verb; what came of it is handed over in the main loop.
---@param arguments string[]
---@param done fun(result: vim.SystemCompleted)
function M.run(arguments, done)
  local command = line(arguments)
  if not command then
    vim.notify(server.missing(), vim.log.levels.WARN)
    return
  end
  vim.system(command, { env = without_colours(), text = true }, vim.schedule_wrap(done))
end

--- Run a verb in a terminal below; `q` closes it.
---@param arguments string[]
function M.terminal(arguments)
  local command = line(arguments)
  if not command then
    vim.notify(server.missing(), vim.log.levels.WARN)
    return
  end
  vim.cmd('botright new')
  vim.bo.bufhidden = 'wipe'
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = 0 })
  if vim.fn.has('nvim-0.11') == 1 then
    vim.fn.jobstart(command, { env = environment(), term = true })
  else
    vim.fn.termopen(command, { env = environment() })
  end
  vim.cmd('normal! G') -- follows what is written
end

--- Run a verb and wait for it at most so many milliseconds; nil where there is no command.
---@param arguments string[]
---@param timeout integer
---@return vim.SystemCompleted?
function M.ask(arguments, timeout)
  local command = line(arguments)
  return command and vim.system(command, { env = without_colours(), text = true }):wait(timeout)
end

--- What a run had to say: its output, or its complaint.
---@param result vim.SystemCompleted
---@return string
function M.said(result)
  return vim.trim(result.code == 0 and result.stdout or (result.stderr or '') .. (result.stdout or ''))
end

return M
