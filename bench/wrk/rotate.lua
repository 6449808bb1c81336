-- For scripts whose requests differ: all are made before the run, and sent in turn.
-- rotate(count, path) takes a function from a number to a path.

function rotate(count, path)
   local texts, at = {}, 0
   function init()
      for i = 1, count do
         texts[i] = wrk.format(nil, path(i))
      end
   end
   function request()
      at = at % count + 1
      return texts[at]
   end
end
