--- How the server is, for a statusline and for whoever asks.

local asking = require('paceline.asking')
local config = require('paceline.config')
local display = require('paceline.display')
local server = require('paceline.server')

local M = {}

---@class paceline.State what the server last said
---@field busy boolean
---@field message string
---@field kind 'Normal'|'Warning'|'Error'|'Inactive'
---@field percent? integer while models load

---@type table<integer, paceline.State>
local states = {}

---@type table<integer, integer> the open request of a buffer
local open = {}

--- A server has become ready: what was typed before is asked for, once no request is open for it.
local due = false

---@param buf integer
local function wake_if_due(buf)
  if due and not open[buf] then
    due = false
    display.wake(buf)
  end
end

--- The server said how it is.
---@param client_id integer
---@param state paceline.State
function M.heard(client_id, state)
  local was_busy = states[client_id] and states[client_id].busy
  states[client_id] = { busy = state.busy, message = state.message, kind = state.kind }
  vim.cmd.redrawstatus({ bang = true })
  if was_busy and not state.busy and state.kind == 'Normal' then
    due = true
    wake_if_due(vim.api.nvim_get_current_buf())
  end
end

--- Models load: how far that is.
---@param event { data: { client_id: integer, params: { value: { percentage?: integer } } } }
local function progressed(event)
  local state = states[event.data.client_id]
  local value = event.data.params and event.data.params.value
  if state and value then
    state.percent = value.percentage
    vim.cmd.redrawstatus({ bang = true })
  end
end

--- A request was sent, or is over.
---@param event { buf: integer, data: { request_id: integer, request: { type: string, method: string } } }
local function requested(event)
  local id, request = event.data.request_id, event.data.request
  if request.method == asking.METHOD and (request.type == 'pending' or open[event.buf] == id) then
    open[event.buf] = request.type == 'pending' and id or nil
    vim.schedule(function() -- after the answer was handled
      wake_if_due(event.buf)
    end)
  end
end

---@param group integer autocommands
function M.listen(group)
  vim.api.nvim_create_autocmd('LspProgress', { group = group, callback = progressed })
  vim.api.nvim_create_autocmd('LspRequest', { group = group, callback = requested })
end

--- What the server last said for a buffer; nil where it has no server or that said nothing yet.
---@param buf integer
---@return paceline.State?
function M.state(buf)
  local client = server.clients(buf)[1]
  return client and states[client.id]
end

--- One word for a statusline: ready, working, loading with percent, off, error, missing; '' where paceline has
--- nothing to do with the buffer.
---@param buf? integer the current one if absent
---@return string
function M.word(buf)
  buf = buf or vim.api.nvim_get_current_buf()
  if not config.is_file(buf) then
    return ''
  elseif not config.wanted(buf) then
    return 'off'
  elseif not server.command() then
    return 'missing'
  elseif not server.clients(buf)[1] then
    return ''
  end
  local state = M.state(buf)
  if not state then
    return 'starting'
  elseif state.kind == 'Error' then
    return 'error'
  elseif state.busy then
    return state.percent and ('loading %d%%'):format(state.percent) or 'loading'
  elseif state.kind == 'Inactive' then
    return 'off'
  end
  return open[buf] and 'working' or 'ready'
end

return M
