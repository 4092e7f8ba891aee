--- One suggestion: what the server sent, where its text begins in the buffer, what of it is still to come.

local text = require('paceline.text')

---@class paceline.Item an item of the language server's answer
---@field insertText string
---@field range lsp.Range
---@field command? lsp.Command

---@class paceline.Suggestion
---@field item paceline.Item as the server sent it
---@field client_id integer
---@field row integer the line where the text begins, from 0
---@field column integer in bytes
---@field text string the whole text from there, what is typed of it already included

local M = {}

---@param buf integer
---@param client vim.lsp.Client
---@param item paceline.Item
---@return paceline.Suggestion
function M.new(buf, client, item)
  local start = item.range.start
  local line = vim.api.nvim_buf_get_lines(buf, start.line, start.line + 1, false)[1] or ''
  return {
    item = item,
    client_id = client.id,
    row = start.line,
    column = text.bytes(line, start.character, client.offset_encoding),
    text = (item.insertText:gsub('\r\n?', '\n')),
  }
end

--- Where the cursor is in a window that shows the buffer: row from 0, column in bytes; nil where none does.
---@param buf integer
---@return integer?, integer?
function M.cursor(buf)
  local window = vim.api.nvim_get_current_win()
  if vim.api.nvim_win_get_buf(window) ~= buf then
    return nil
  end
  local row, column = unpack(vim.api.nvim_win_get_cursor(window))
  return row - 1, column
end

--- The text and cursor of a buffer as one word: another one after any change.
---@param buf integer
---@return string
function M.place(buf)
  local row, column = M.cursor(buf)
  return ('%d:%d:%d'):format(vim.api.nvim_buf_get_changedtick(buf), row or -1, column or -1)
end

--- What stands between the beginning of a suggestion and the cursor; nil where the cursor is before it.
---@param buf integer
---@param suggestion paceline.Suggestion
---@return string?
local function typed(buf, suggestion)
  local row, column = M.cursor(buf)
  if not row or row < suggestion.row or (row == suggestion.row and column < suggestion.column) then
    return nil
  end
  local line = vim.api.nvim_buf_get_lines(buf, suggestion.row, suggestion.row + 1, false)[1]
  if not line or #line < suggestion.column then
    return nil
  end
  local lines = vim.api.nvim_buf_get_text(buf, suggestion.row, suggestion.column, row, column, {})
  return table.concat(lines, '\n')
end

--- What of a suggestion is still to come at the cursor; nil where the text or the cursor went another way.
---@param buf integer
---@param suggestion paceline.Suggestion
---@return string?
function M.rest(buf, suggestion)
  local done = typed(buf, suggestion)
  if not done or not vim.startswith(suggestion.text, done) or #done == #suggestion.text then
    return nil
  end
  return suggestion.text:sub(#done + 1)
end

return M
