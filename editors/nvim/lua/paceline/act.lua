--- What a user does with a suggestion: accept it whole or in parts, look at others, dismiss it.

local asking = require('paceline.asking')
local display = require('paceline.display')
local server = require('paceline.server')
local suggestions = require('paceline.suggestion')
local text = require('paceline.text')

local M = {}

---@type table<string, fun(rest: string): string>
local PARTS = {
  all = function(rest)
    return rest
  end,
  word = text.next_word,
  line = text.next_line,
}

--- Whether there is a suggestion to accept here.
---@return boolean
function M.available()
  return display.get().current(vim.api.nvim_get_current_buf()) ~= nil
end

--- Put a text in at the cursor and the cursor behind it.
---@param buf integer
---@param part string
local function insert(buf, part)
  local row, column = suggestions.cursor(buf)
  local lines = vim.split(part, '\n', { plain = true })
  vim.api.nvim_buf_set_text(buf, row, column, row, column, lines)
  local last = #lines == 1 and column + #lines[1] or #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { row + #lines, last })
end

--- Put a part of the suggestion into the text: 'all', 'word' or 'line'.
---@param part string
---@return boolean done false where there is no suggestion
function M.take(part)
  local buf = vim.api.nvim_get_current_buf()
  local painter = display.get()
  local suggestion, rest = painter.current(buf)
  if not suggestion or not rest then
    return false
  end
  local taken = PARTS[part](rest)
  local left = rest:sub(#taken + 1)
  insert(buf, taken)
  if left ~= '' then
    server.notify(suggestion.client_id, 'textDocument/didPartiallyAcceptCompletion', {
      item = suggestion.item,
      acceptedLength = text.length(suggestion.text:sub(1, #suggestion.text - #left), 'utf-16'),
    })
    painter.took_part(buf, suggestion, left)
    return true
  end
  painter.clear(buf)
  if suggestion.item.command then
    server.execute(buf, suggestion.client_id, suggestion.item.command)
  end
  return true
end

--- Show the suggestion so many further on; ask for several where that was not done, or for one.
---@param step integer
function M.cycle(step)
  local buf = vim.api.nvim_get_current_buf()
  local painter = display.get()
  local client = server.clients(buf)[1]
  local count, index = painter.choice(buf)
  if count > 0 then
    painter.choose(buf, (index - 1 + step) % count + 1)
  elseif client then
    local others, place = painter.current(buf) ~= nil, suggestions.place(buf)
    asking.ask(buf, client, asking.TRIGGER.BY_HAND, function(items)
      local first = others and #items > 0 and step % #items + 1 or 1
      painter.put(buf, items, first, true)
      if #items == 0 and suggestions.place(buf) == place then
        vim.notify('paceline: nothing to suggest here')
      end
    end)
  end
end

--- Hide the suggestion. The server does not suggest the same here again, unless asked by hand.
---@return boolean done false where there is no suggestion
function M.dismiss()
  local buf = vim.api.nvim_get_current_buf()
  local painter = display.get()
  local suggestion = painter.current(buf)
  if not suggestion then
    return false
  end
  painter.clear(buf)
  server.notify(suggestion.client_id, 'textDocument/didDismissCompletion', { item = suggestion.item })
  return true
end

return M
