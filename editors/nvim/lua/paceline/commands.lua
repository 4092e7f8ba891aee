--- `:Paceline` and its words.

local cli = require('paceline.cli')
local config = require('paceline.config')
local display = require('paceline.display')
local float = require('paceline.float')
local server = require('paceline.server')

local M = {}

--- Switch suggestions on or off, of one filetype or at all; the server is told, so that no model is kept busy.
---@param filetype? string
---@return boolean on
function M.toggle(filetype)
  local on = config.toggle(filetype)
  server.push_settings()
  for _, buf in ipairs(on and vim.api.nvim_list_bufs() or {}) do
    if vim.api.nvim_buf_is_loaded(buf) and #server.clients(buf) == 0 then
      server.start_where_wanted({ buf = buf })
    end
  end
  display.follow_all()
  vim.notify(('paceline%s is %s'):format(filetype and ' for ' .. filetype or '', on and 'on' or 'off'))
  return on
end

---@type table<string, fun(argument?: string)>
M.verbs = {
  status = function()
    cli.run({ 'status' }, function(result)
      float.open('paceline status', vim.split(cli.said(result), '\n'))
    end)
  end,
  restart = function()
    cli.run({ 'stop' }, function()
      server.restart()
      vim.notify('paceline: the server and its daemon start anew')
    end)
  end,
  doctor = function()
    cli.terminal({ 'doctor' })
  end,
  explain = function()
    require('paceline.explain').run()
  end,
  toggle = function(filetype)
    M.toggle(filetype)
  end,
}

---@param lead string
---@param line string
---@return string[]
local function completed(lead, line)
  local words = vim.tbl_keys(M.verbs)
  if line:match('^%S+%s+toggle%s') then
    words = { vim.bo.filetype }
  end
  table.sort(words)
  return vim.tbl_filter(function(word)
    return word ~= '' and vim.startswith(word, lead)
  end, words)
end

--- Define the command.
function M.define()
  vim.api.nvim_create_user_command('Paceline', function(call)
    local verb = M.verbs[call.fargs[1]]
    if verb then
      verb(call.fargs[2])
    else
      vim.notify(('paceline: there is no ":Paceline %s"'):format(call.fargs[1]), vim.log.levels.ERROR)
    end
  end, { nargs = '+', complete = completed, desc = 'paceline: status, restart, doctor, explain, toggle' })
end

return M
