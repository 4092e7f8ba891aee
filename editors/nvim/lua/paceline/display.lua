--- Who draws the suggestions: Neovim itself or we, by option and version.

local builtin = require('paceline.builtin')
local config = require('paceline.config')
local own = require('paceline.own')
local server = require('paceline.server')

local M = {}

--- 'builtin' or 'own'.
---@return string
function M.name()
  local wanted = config.options.ghost
  if wanted == 'own' or not builtin.supported() then
    return 'own'
  end
  return 'builtin'
end

--- What draws.
---@return table
function M.get()
  return M.name() == 'own' and own or builtin
end

--- Have a buffer show suggestions, or show none, as wanted now.
---@param buf integer
function M.follow(buf)
  local client = server.clients(buf)[1]
  M.leave(buf)
  if client and config.wanted(buf) then
    M.get().attach(buf, client)
    M.wake(buf)
  end
end

--- Somebody can answer now: ask for what was typed before, where nothing is shown for it.
---@param buf integer
function M.wake(buf)
  local typing = vim.api.nvim_get_current_buf() == buf and vim.startswith(vim.api.nvim_get_mode().mode, 'i')
  if typing and server.clients(buf)[1] and config.wanted(buf) and not M.get().current(buf) then
    M.get().ask(buf)
  end
end

--- Have a buffer show no suggestions.
---@param buf integer
function M.leave(buf)
  own.detach(buf)
  builtin.detach(buf)
end

--- The same for all buffers that have the server.
function M.follow_all()
  for _, client in ipairs(server.clients()) do
    for buf in pairs(client.attached_buffers) do
      M.follow(buf)
    end
  end
end

return M
