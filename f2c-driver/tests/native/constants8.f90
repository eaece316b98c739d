! Functions of constants of eight bytes and first powers, whose values f2c would compute itself.
program p
  integer(8) :: k, minus = -8
  integer :: small(2) = (/ -9, 9 /)
  print *, ibset(4_8,0), ibset(4,0), ibset(4_2,0), ibset(0_8,40)
  k = ibset(4_8,0) + 1
  print *, k, ibclr(5_8,0), ibclr(5,0), ibclr(5_1,0), btest(ibset(0_8,40),40), btest(5,1)
  print *, ibits(13,1,2), ibits(13_8,1,2), ishft(13_8,1), ishft(13,-1), ishft(13_8,-1), ishft(1_8,40)
  print *, not(5_8), not(5_2), iand(12_8,10_8), ior(12_8,10_8), ieor(12_8,10_8), iand(ior(1_8,6_8),3_8)
  print *, mod(13_8,5_8), abs(-5_8), sign(5_8,-1_8), dim(5_8,3_8), max(1_8,2_8), min(1_8,2_8)
  print *, ishftc(13_8,1,4), ishftc(13,-1,4), max0(2, int(k)), 5, 5_8, 12, 12_8
  print *, 3.25**1, (abs(3.25)+1.0)**1, 3.25d0**1, (1.5,2.5)**1, hypot((4.25+1.0)**1, 2.0), 2.5**2
  ! The sign counts in what is computed of them.
  print *, mod(ibset(small(1),3),101), 0.5*ibset(small(1),3), 0.5d0*ibset(minus,1), -ibset(small(1),4) > 0
  print *, ibclr(small(1),0)/2, mod(ibclr(minus,3),7_8), 0.5*ibclr(minus,4), ibset(small(1),2) < small(2)
end program
