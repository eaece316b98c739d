double precision function half(x) result(y)
  double precision :: x
  y = x / 2
end function half
