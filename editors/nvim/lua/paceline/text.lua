--- Lengths and columns: Neovim counts bytes, language servers what the encoding says.

local M = {}

--- How many units of an encoding a lead byte stands for; 0 for the bytes that follow one.
---@param byte integer
---@param encoding string
---@return integer
local function units(byte, encoding)
  if encoding == 'utf-8' then
    return 1
  elseif byte >= 0x80 and byte < 0xC0 then
    return 0
  end
  return encoding == 'utf-16' and byte >= 0xF0 and 2 or 1
end

--- The length of a text in units of an encoding.
---@param text string
---@param encoding string
---@return integer
function M.length(text, encoding)
  local length = 0
  for index = 1, #text do
    length = length + units(text:byte(index), encoding)
  end
  return length
end

--- The offset in bytes of a column that is counted in units of an encoding; at most the line's length.
---@param line string
---@param column integer
---@param encoding string
---@return integer
function M.bytes(line, column, encoding)
  local passed = 0
  for index = 1, #line do
    passed = passed + units(line:byte(index), encoding)
    if passed > column then
      return index - 1
    end
  end
  return #line
end

--- The next word of a text with what blanks stand before it; all of it where no word follows.
---@param text string
---@return string
function M.next_word(text)
  local word = vim.fn.matchstr(text, [[^\_s*\%(\k\+\|\%(\k\@!\S\)\+\)]])
  return word ~= '' and word or text
end

--- The rest of the first line; where nothing is left of it, its end and the next line.
---@param text string
---@return string
function M.next_line(text)
  return text:match('^\n?[^\n]*')
end

return M
