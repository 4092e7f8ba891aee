--- Requests for inline completion: at most one of a buffer, an older one is cancelled.

local server = require('paceline.server')

local M = {}

M.METHOD = 'textDocument/inlineCompletion'

---@enum paceline.Trigger
M.TRIGGER = { BY_HAND = 1, UNASKED = 2 }

---@class paceline.Request
---@field client vim.lsp.Client
---@field id integer

---@type table<integer, paceline.Request>
local open = {}

--- Give up the open request of a buffer.
---@param buf integer
function M.cancel(buf)
  local request = open[buf]
  open[buf] = nil
  if request then
    server.cancel(request.client, request.id)
  end
end

--- Ask for suggestions at the cursor of the current window, which shows the buffer.
---@param buf integer
---@param client vim.lsp.Client
---@param trigger paceline.Trigger
---@param answered fun(items: paceline.Item[]) not called where something newer came
function M.ask(buf, client, trigger, answered)
  M.cancel(buf)
  local parameters = vim.lsp.util.make_position_params(0, client.offset_encoding)
  parameters.context = { triggerKind = trigger }
  local request = { client = client } ---@type paceline.Request
  open[buf] = request
  request.id = server.request(client, M.METHOD, parameters, function(_, result)
    if open[buf] == request then
      open[buf] = nil
      answered(result and (result.items or result) or {})
    end
  end, buf)
  if not request.id then
    open[buf] = nil
  end
end

return M
