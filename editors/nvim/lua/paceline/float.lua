--- A window over the text that shows something to read; `q` closes it.

local M = {}

---@param title string
---@param lines string[]
---@return integer buffer
function M.open(title, lines)
  local width = 20
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, true, lines)
  vim.bo[buf].modifiable = false
  vim.bo[buf].bufhidden = 'wipe'
  vim.api.nvim_open_win(buf, true, {
    relative = 'editor',
    row = 1,
    col = 2,
    width = math.min(width, vim.o.columns - 6),
    height = math.min(#lines, vim.o.lines - 6),
    style = 'minimal',
    border = 'rounded',
    title = (' %s '):format(title),
  })
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, '<Cmd>close<CR>', { buffer = buf })
  end
  return buf
end

return M
